import type { KnownClient } from '../storage/client.ts';
import type { Scopes } from './scopes.ts';

/** What a registered client is for. */
export type ClientRole = 'holder' | 'exchange' | 'auditor' | 'admin';
export type Role = ClientRole | 'citizen';

/** Whether a client is let in: one that is switched on, and whose organisation is registered and takes part in care. */
export type ClientCounts = (client: KnownClient) => boolean;

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
