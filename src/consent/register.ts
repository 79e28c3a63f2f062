import type { AppendTogether } from '../audit/append-together.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Conformance } from '../fhir/conformance.ts';
import type { Log } from '../log.ts';
import type { HolderVaults } from '../notifications/holder-vaults.ts';
import type { Database } from '../storage/database.ts';
import type { BsnVault } from './bsn-vault.ts';
import type { JudgeCall } from './check-item.ts';

/** What everything in this room works with. Wired once, in `compose.ts`. */
export interface Register {
  readonly database: Database;
  readonly catalogue: Catalogue;
  /** Takes the records of what was refused. */
  readonly appendRefusal: AppendTogether;
  /** Decides and records calls of `$check`. */
  readonly judge: JudgeCall;
  readonly conformance: Conformance;
  /** BSNs of citizens. */
  readonly vault: BsnVault;
  /** What holders registered. */
  readonly holderVaults: HolderVaults;
  /** Sample people, and notifications that may go to an address without TLS. */
  readonly sandbox: boolean;
  /** Whether mails are sent at all; otherwise none is queued. */
  readonly sendsMail: boolean;
  readonly log: Log;
  /** Tells whoever delivers notifications and mails that there may be something to deliver. */
  readonly nudge: () => void;
}
