import type { ClientRole } from '../auth/caller.ts';
import { isBsn } from '../fhir/identifiers.ts';

export interface SandboxClient {
  readonly id: string;
  readonly role: ClientRole;
  /** Its organisation, when it has one. */
  readonly organization?: { readonly ura: string; readonly type: string; readonly name: string };
  readonly scopes: readonly string[];
}

const HOLDER_SCOPES = [
  'system/Consent.rs',
  'system/Organization.rs',
  'system/Subscription.cruds',
  'system/Provenance.rs',
  'akkoord/consent.check',
  'akkoord/consent.locate',
  'akkoord/consent.record',
  'akkoord/consent.migrate',
];
const EMERGENCY_SCOPES = [...HOLDER_SCOPES, 'akkoord/consent.emergency'];

/** The test clients: one per kind of user. */
export const SANDBOX_CLIENTS: readonly SandboxClient[] = [
  holder('gp', '00000659', 'Z3', 'Huisartsenpraktijk De Linde', HOLDER_SCOPES),
  holder('pharmacy', '00014332', 'J8', 'Apotheek De Vijzel', HOLDER_SCOPES),
  holder('hospital', '00005098', 'V4', 'Ziekenhuis Rivierenland', EMERGENCY_SCOPES),
  holder('post', '00000666', 'N6', 'Huisartsenpost Rivierenland', EMERGENCY_SCOPES),
  holder('laboratory', '90000382', 'L1', 'Laboratorium De Proef', HOLDER_SCOPES),
  {
    id: 'exchange',
    role: 'exchange',
    scopes: ['system/Organization.rs', 'akkoord/consent.check', 'akkoord/consent.locate'],
  },
  { id: 'auditor', role: 'auditor', scopes: ['system/Organization.rs', 'akkoord/consent.check', 'akkoord/audit.read'] },
  { id: 'admin', role: 'admin', scopes: ['system/Organization.cruds', 'akkoord/client.manage'] },
];

function holder(id: string, ura: string, type: string, name: string, scopes: readonly string[]): SandboxClient {
  return { id, role: 'holder', organization: { ura, type, name }, scopes };
}

export const CITIZEN_SCOPES: readonly string[] = [
  'patient/Patient.cruds',
  'patient/Consent.cruds',
  'patient/Organization.rs',
  'patient/Provenance.rs',
  'akkoord/consent.check',
  'akkoord/consent.record',
  'akkoord/audit.read',
];

export interface SandboxCitizen {
  readonly bsn: string;
  readonly given: string;
  readonly family: string;
  readonly birthDate: string;
  /** What the citizen chose, in the words of `Consent/$choose`; absent: nothing. */
  readonly choice?:
    { readonly option: 'all' | 'none' } | { readonly option: 'certain'; readonly answers: readonly SandboxAnswer[] };
  /** All sandbox holders are subscribed for this citizen. */
  readonly subscribed: boolean;
}

export interface SandboxAnswer {
  readonly holderCategory?: string;
  readonly holder?: string;
  readonly requesterCategory?: readonly string[];
  readonly requester?: readonly string[];
  readonly decision: 'permit' | 'deny';
}

/** The test citizens. Their numbers are published test numbers; their names are made up. */
export const SANDBOX_CITIZENS: readonly SandboxCitizen[] = [
  { bsn: '900186021', given: 'Noor', family: 'de Boer', birthDate: '1984-05-14', subscribed: true },
  {
    bsn: '900203638',
    given: 'Karim',
    family: 'Haddad',
    birthDate: '1971-11-02',
    choice: { option: 'all' },
    subscribed: true,
  },
  {
    bsn: '900203651',
    given: 'Els',
    family: 'van Dam',
    birthDate: '1950-01-30',
    choice: { option: 'none' },
    subscribed: false,
  },
  { bsn: '999999011', given: 'Sem', family: 'Jansen', birthDate: '2012-03-07', subscribed: false },
  { bsn: '999990019', given: 'Femke', family: 'Jansen', birthDate: '1982-08-21', subscribed: false },
  {
    bsn: '999999990',
    given: 'Ravi',
    family: 'Sital',
    birthDate: '1990-12-09',
    subscribed: false,
    choice: {
      option: 'certain',
      answers: [
        { holderCategory: 'HA', requesterCategory: ['RPZAC001', 'RPZAC005', 'RPZAC104'], decision: 'permit' },
        { holderCategory: 'APO', decision: 'permit' },
        { holderCategory: 'GGZ', decision: 'deny' },
        { holder: '00000659', requesterCategory: ['RPZAC104'], decision: 'deny' },
        { holder: '00014332', requester: ['00000659'], decision: 'permit' },
      ],
    },
  },
];

/** Numbers that no living person has: the sandbox's citizens, and those a tester makes up. */
export function isTestCitizen(bsn: string): boolean {
  return SANDBOX_CITIZENS.some((citizen) => citizen.bsn === bsn) || (bsn.startsWith('9999') && isBsn(bsn));
}
