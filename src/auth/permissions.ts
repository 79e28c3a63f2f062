import { problem } from '../problem.ts';
import type { Caller, Role } from './caller.ts';

/** What can be done to a resource, in FHIR's words, and the operations. */
export type Interaction =
  | 'create'
  | 'read'
  | 'vread'
  | 'update'
  | 'patch'
  | 'delete'
  | 'history'
  | 'search'
  | 'check'
  | 'choose'
  | 'profile'
  | 'grant-emergency'
  | 'end-emergency'
  | 'locate'
  | 'migrate'
  | 'pairing-code'
  | 'review'
  | 'confirm'
  | 'settings'
  | 'delete-account'
  | 'access-log'
  | 'status'
  | 'events'
  | 'batch'
  | 'transaction';

/** `Type.interaction` for everything that needs a permission; a Bundle itself only needs a caller. */
export type Target = `${string}.${Interaction}` | 'batch' | 'transaction';

const EVERYONE: readonly Role[] = ['holder', 'exchange', 'auditor', 'admin', 'citizen'];

/**
 * Who may do what at all. Whose data they may do it to is decided where the data is (rule 3 of this room's README).
 * What is not listed is forbidden.
 */
const MAY: Readonly<Record<string, readonly Role[]>> = {
  'Patient.create': ['citizen'],
  'Patient.read': ['citizen'],
  'Patient.vread': ['citizen'],
  'Patient.history': ['citizen'],
  'Patient.search': ['citizen'],
  'Patient.update': ['citizen'],
  'Patient.patch': ['citizen'],
  'Patient.delete': ['citizen'],
  'Organization.create': ['admin'],
  'Organization.update': ['admin'],
  'Organization.patch': ['admin'],
  'Organization.delete': ['admin'],
  'Organization.read': EVERYONE,
  'Organization.vread': EVERYONE,
  'Organization.history': EVERYONE,
  'Organization.search': EVERYONE,
  'Consent.create': ['citizen'],
  'Consent.update': ['citizen'],
  'Consent.patch': ['citizen'],
  'Consent.delete': ['citizen'],
  'Consent.read': ['citizen', 'holder'],
  'Consent.vread': ['citizen', 'holder'],
  'Consent.history': ['citizen', 'holder'],
  'Consent.search': ['citizen', 'holder'],
  'Consent.check': ['holder', 'exchange', 'auditor', 'citizen'],
  'Consent.choose': ['citizen', 'holder'],
  'Consent.profile': ['citizen'],
  'Consent.grant-emergency': ['holder'],
  'Consent.end-emergency': ['citizen'],
  'Consent.locate': ['holder', 'exchange'],
  'Consent.migrate': ['holder'],
  'Consent.pairing-code': ['citizen'],
  'Consent.review': ['citizen'],
  'Consent.confirm': ['citizen'],
  'Patient.settings': ['citizen'],
  'Patient.delete-account': ['citizen'],
  'Patient.access-log': ['citizen'],
  'Subscription.create': ['holder'],
  'Subscription.read': ['holder'],
  'Subscription.vread': ['holder'],
  'Subscription.update': ['holder'],
  'Subscription.patch': ['holder'],
  'Subscription.delete': ['holder'],
  'Subscription.history': ['holder'],
  'Subscription.search': ['holder'],
  'Subscription.status': ['holder'],
  'Subscription.events': ['holder'],
  'Provenance.read': ['citizen', 'holder'],
  'Provenance.search': ['citizen', 'holder'],
  'AuditEvent.read': ['auditor', 'citizen'],
  'AuditEvent.search': ['auditor', 'citizen'],
  batch: EVERYONE,
  transaction: EVERYONE,
};

/** Everything that is ever recorded in the log. */
export const EVERY_TARGET: readonly string[] = [...Object.keys(MAY), 'unknown'];

/** Scope an operation asks for; a resource interaction asks for its SMART v2 letter. */
const OPERATION_SCOPE: Readonly<Record<string, string>> = {
  'Consent.check': 'akkoord/consent.check',
  'Consent.choose': 'akkoord/consent.record',
  'Consent.grant-emergency': 'akkoord/consent.emergency',
  'Consent.end-emergency': 'akkoord/consent.record',
  'Consent.locate': 'akkoord/consent.locate',
  'Consent.migrate': 'akkoord/consent.migrate',
  'Consent.pairing-code': 'akkoord/consent.record',
  'Consent.review': 'akkoord/consent.record',
  'Consent.confirm': 'akkoord/consent.record',
  'Patient.settings': 'akkoord/consent.record',
  'Patient.delete-account': 'akkoord/consent.record',
  'Patient.access-log': 'akkoord/audit.read',
  'AuditEvent.read': 'akkoord/audit.read',
  'AuditEvent.search': 'akkoord/audit.read',
};

const SCOPE_LETTER: Readonly<Partial<Record<string, string>>> = {
  create: 'c',
  read: 'r',
  vread: 'r',
  history: 'r',
  update: 'u',
  patch: 'u',
  delete: 'd',
  search: 's',
  profile: 'r',
  status: 'r',
  events: 'r',
};

/**
 * Refuses a caller whose role may not do this, or whose token was not given the scope for it.
 * @throws Problem forbidden
 */
export function permit(caller: Caller, target: Target): void {
  if (!(MAY[target] ?? []).includes(caller.role)) {
    throw problem('forbidden', 'not-permitted', 'This caller may not do this.');
  }
  if (!hasScope(caller, target)) {
    throw problem('forbidden', 'insufficient-scope', 'The access token does not carry the scope this needs.');
  }
}

function hasScope(caller: Caller, target: Target): boolean {
  const [resourceType, interaction] = target.split('.');
  if (interaction === undefined) return true;
  const operationScope = OPERATION_SCOPE[target];
  if (operationScope !== undefined) return caller.scopes.has(operationScope);
  const letter = SCOPE_LETTER[interaction];
  const context = caller.role === 'citizen' ? 'patient' : 'system';
  return [...caller.scopes].some((scope) => grants(scope, context, resourceType, letter));
}

/** SMART v2: `context/Type.letters`, the letters a subset of `cruds` in that order. */
function grants(scope: string, context: string, resourceType: string | undefined, letter: string | undefined): boolean {
  const match = /^(patient|system)\/([A-Za-z]+)\.(c?r?u?d?s?)$/.exec(scope);
  if (match === null || letter === undefined) return false;
  return match[1] === context && match[2] === resourceType && (match[3] ?? '').includes(letter);
}
