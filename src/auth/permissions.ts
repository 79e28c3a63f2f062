import { problem } from '../problem.ts';
import type { Caller, Role } from './caller.ts';
import { allowsResource, type Letter, type OperationScope, parseScopes, type Scopes } from './scopes.ts';

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
  | 'issue'
  | 'introspect'
  | 'revoke'
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
  'Session.create': ['citizen'],
  'Session.delete': ['citizen'],
  'Client.create': ['admin'],
  'Client.read': ['admin'],
  'Client.update': ['admin'],
  'Client.delete': ['admin'],
  batch: EVERYONE,
  transaction: EVERYONE,
};

/** What only the operator does, with a command. */
const OPERATED = ['AuditEvent.retention', 'AuditEvent.report'];

/** Everything that is ever recorded in the log. */
export const EVERY_TARGET: readonly string[] = [
  ...Object.keys(MAY),
  ...OPERATED,
  'Token.issue',
  'Token.introspect',
  'Token.revoke',
  'unknown',
];

/** Scope an operation asks for; a resource interaction asks for its SMART v2 letter. */
const OPERATION_SCOPE: Readonly<Partial<Record<string, OperationScope>>> = {
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
  'Client.create': 'akkoord/client.manage',
  'Client.read': 'akkoord/client.manage',
  'Client.update': 'akkoord/client.manage',
  'Client.delete': 'akkoord/client.manage',
};

const SCOPE_LETTER: Readonly<Partial<Record<string, Letter>>> = {
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
  if (!isForRole(caller, target)) {
    throw problem('forbidden', 'not-permitted', 'This caller may not do this.');
  }
  if (!hasScope(caller, target)) {
    throw problem('forbidden', 'insufficient-scope', 'The access token does not carry the scope this needs.');
  }
}

/** Whether `permit` would let this pass: for what is left out of an answer rather than refused. */
export function isPermitted(caller: Caller, target: Target): boolean {
  return isForRole(caller, target) && hasScope(caller, target);
}

/** Everything that a client of this role could ever use. */
export function scopesOfRole(role: Role): Scopes {
  const targets = Object.keys(MAY).filter((target) => MAY[target]?.includes(role) === true);
  return parseScopes(targets.flatMap(scopeFor));
}

function scopeFor(target: string): string[] {
  const operation = OPERATION_SCOPE[target];
  if (operation !== undefined) return [operation];
  const [type = '', interaction = ''] = target.split('.');
  const letter = SCOPE_LETTER[interaction];
  return letter === undefined ? [] : [`system/${type}.${letter}`];
}

function isForRole({ role }: Caller, target: Target): boolean {
  return (MAY[target] ?? []).includes(role);
}

function hasScope({ role, scopes }: Caller, target: Target): boolean {
  const [type = '', interaction] = target.split('.');
  if (interaction === undefined) return true;
  const operation = OPERATION_SCOPE[target];
  if (operation !== undefined) return scopes.has(operation);
  const letter = SCOPE_LETTER[interaction];
  return letter !== undefined && allowsResource(scopes, role === 'citizen' ? 'patient' : 'system', type, letter);
}
