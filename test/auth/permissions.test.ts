import type { Caller } from '../../src/auth/caller.ts';
import { permit, type Target } from '../../src/auth/permissions.ts';
import { parseScopes } from '../../src/auth/scopes.ts';
import { Problem } from '../../src/problem.ts';

const holder = (...scopes: string[]): Caller => ({ role: 'holder', clientId: 'gp', scopes: parseScopes(scopes) });
const citizen = (...scopes: string[]): Caller => ({
  role: 'citizen',
  patientKey: Buffer.alloc(32),
  scopes: parseScopes(scopes),
});

function verdict(caller: Caller, target: Target): string {
  try {
    permit(caller, target);
    return 'permitted';
  } catch (error) {
    if (error instanceof Problem) return error.issues[0].code;
    throw error;
  }
}

describe('a scope', () => {
  it.each<[Caller, Target, string]>([
    [holder('akkoord/consent.check'), 'Consent.check', 'permitted'],
    [holder(), 'Consent.check', 'insufficient-scope'],
    [holder('akkoord/consent.checks'), 'Consent.check', 'insufficient-scope'],
    [holder('system/Consent.cruds'), 'Consent.check', 'insufficient-scope'],
    [holder('system/Consent.r'), 'Consent.read', 'permitted'],
    [holder('system/Consent.rs'), 'Consent.search', 'permitted'],
    [holder('system/Consent.r'), 'Consent.search', 'insufficient-scope'],
    [holder('system/Consent.s'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Organization.rs'), 'Consent.read', 'insufficient-scope'],
    [holder('patient/Consent.rs'), 'Consent.read', 'insufficient-scope'],
    [holder('user/Consent.rs'), 'Consent.read', 'insufficient-scope'],
    [holder('system/*.rs'), 'Consent.read', 'permitted'],
    [holder('system/*.rs'), 'Consent.check', 'insufficient-scope'],
    [holder('system/*.cruds'), 'Consent.create', 'not-permitted'],
    [holder('patient/*.rs'), 'Consent.read', 'insufficient-scope'],
    [holder('system/*.*'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.*'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.read'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.dus'), 'Consent.search', 'insufficient-scope'],
    [holder('system/Consent.sruc'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.rr'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.rs?patient=1'), 'Consent.read', 'insufficient-scope'],
    [holder('system/Consent.cruds'), 'Consent.create', 'not-permitted'],
    [holder('system/Patient.cruds'), 'Patient.read', 'not-permitted'],
    [holder('akkoord/audit.read'), 'AuditEvent.read', 'not-permitted'],
    [citizen('patient/Consent.cruds'), 'Consent.delete', 'permitted'],
    [citizen('patient/Consent.rs'), 'Consent.delete', 'insufficient-scope'],
    [citizen('patient/Consent.rs'), 'Consent.profile', 'permitted'],
    [citizen('patient/Consent.s'), 'Consent.profile', 'insufficient-scope'],
    [citizen('akkoord/consent.record'), 'Consent.choose', 'permitted'],
    [citizen('patient/Consent.cruds'), 'Consent.choose', 'insufficient-scope'],
    [holder('akkoord/consent.emergency'), 'Consent.grant-emergency', 'permitted'],
    [holder('akkoord/consent.record'), 'Consent.grant-emergency', 'insufficient-scope'],
    [holder('system/Consent.cruds'), 'Consent.grant-emergency', 'insufficient-scope'],
    [citizen('akkoord/consent.emergency'), 'Consent.grant-emergency', 'not-permitted'],
    [citizen('akkoord/consent.record'), 'Consent.end-emergency', 'permitted'],
    [citizen('patient/Consent.cruds'), 'Consent.end-emergency', 'insufficient-scope'],
    [holder('akkoord/consent.record'), 'Consent.end-emergency', 'not-permitted'],
    [citizen('system/Consent.cruds'), 'Consent.delete', 'insufficient-scope'],
    [citizen('patient/Organization.cruds'), 'Organization.update', 'not-permitted'],
    [citizen('patient/Consent.cruds'), 'Consent.locate', 'not-permitted'],
    [citizen('patient/constructor.cruds'), 'constructor.read', 'not-permitted'],
    [holder(), 'batch', 'permitted'],
  ])('%#: gives what it says and nothing more', (caller, target, expected) => {
    expect(verdict(caller, target)).toBe(expected);
  });
});
