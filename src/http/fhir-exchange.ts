import type { Caller } from '../auth/caller.ts';
import type { NamedRequest } from '../consent/idempotent-desk.ts';
import type { Desk } from '../consent/perform.ts';
import type { Register } from '../consent/register.ts';

/** A FHIR request without its transport: one that arrived by itself and an entry of a Bundle look alike. */
export interface FhirRequest {
  readonly method: string;
  /** Path below the base, split and decoded: `['Consent', '4f1…', '_history']`. */
  readonly segments: readonly string[];
  readonly query: readonly (readonly [string, string])[];
  readonly headers: FhirHeaders;
  /** Reads the body as JSON (strictly), on demand. */
  readonly json: (isPatch?: boolean) => unknown;
  /** The id that a resource created by this request gets; otherwise one is made. */
  readonly newId?: string;
  /** Reads the body as a search form, on demand. */
  readonly form: () => readonly (readonly [string, string])[];
  /** The name that makes it one, of an entry of a batch; a request by itself has it in its headers. */
  readonly named?: NamedRequest;
  /**
   * The body as it arrives, unread, when it is of a type that may have any length; nothing when it was read. Absent in an
   * entry of a Bundle.
   */
  readonly stream?: () => AsyncIterable<Buffer> | undefined;
}

export interface FhirHeaders {
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: string;
  readonly ifModifiedSince?: string;
  readonly prefer?: string;
  readonly idempotencyKey?: string;
}

/** A matched request of nobody in particular. */
export interface PublicExchange {
  readonly register: Register;
  readonly request: FhirRequest;
  /** From the path: `id`, `version`. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly baseUrl: string;
}

/** A matched request with everything its handler needs. */
export interface Exchange extends PublicExchange {
  readonly desk: Desk;
  /** When it is to be done once: the desk sees to that, except for a Bundle, which has desks of its own. */
  readonly named?: NamedRequest;
  readonly caller: Caller;
  readonly requestId: string;
  /** True for an entry of a transaction: what it does may still be undone. */
  readonly isTransaction: boolean;
  /** Some of the work that goes on after its answer has begun, when it is its turn. */
  readonly turn: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface FhirResponse {
  readonly status: number;
  /** A resource; absent for an empty body. */
  readonly resource?: object;
  /** Instead of a resource: its text, piece by piece, sent as it comes. */
  readonly parts?: AsyncIterable<string>;
  readonly version?: number;
  /** Milliseconds since the epoch. */
  readonly lastModified?: number;
  /** True after a change of one resource: then `Prefer` chooses the body. */
  readonly changed?: true;
  /** Relative to the base: `Consent/4f1…/_history/1`. */
  readonly location?: string;
}
