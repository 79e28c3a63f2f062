import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Conformance } from '../fhir/conformance.ts';
import type { Log } from '../log.ts';
import type { Database } from '../storage/database.ts';
import type { BsnVault } from './bsn-vault.ts';

/** What everything in this room works with. Wired once, in `compose.ts`. */
export interface Register {
  readonly database: Database;
  readonly catalogue: Catalogue;
  readonly conformance: Conformance;
  readonly vault: BsnVault;
  readonly log: Log;
}
