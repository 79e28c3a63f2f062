import type { Scopes } from './scopes.ts';

/** What a registered client is for. */
export type ClientRole = 'holder' | 'exchange' | 'auditor' | 'admin';
export type Role = ClientRole | 'citizen';

export interface ClientCaller {
  readonly role: ClientRole;
  readonly clientId: string;
  /** Organisation number of the client; absent for an exchange point, auditor or admin. */
  readonly ura?: string;
  readonly scopes: Scopes;
}

export interface CitizenCaller {
  readonly role: 'citizen';
  /** Pseudonym of the citizen: the keyed hash of the BSN (32 bytes). */
  readonly patientKey: Buffer;
  readonly scopes: Scopes;
}

/** Who is calling, as established from a verified token and the registry. */
export type Caller = ClientCaller | CitizenCaller;
