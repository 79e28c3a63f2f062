import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Answer } from '../decision/consent-profile.ts';
import { type PlaceText, placeText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import type { Organizations, RegisteredOrganization } from '../fhir/consent-place.ts';
import { problem } from '../problem.ts';
import type { FoundMigration } from '../storage/migrated-consent.ts';

type Given = StoredRule['answers'][number];

/** One citizen's answers that an organisation brings along, with what the register holds already. */
export interface MigrationCase {
  /** What the item says. */
  readonly rule: StoredRule;
  readonly organization: RegisteredOrganization;
  /** Those that the item names as requesters, as far as they are registered. */
  readonly requesters: Organizations;
  /** Every answer of the citizen that counts or waits. */
  readonly answers: readonly Answer[];
  readonly earlier?: FoundMigration;
  readonly underSixteen: boolean;
}

/** What becomes of it. */
export type MigrationPlan =
  | { readonly code: 'skipped-citizen-decided' }
  | { readonly code: 'unchanged'; readonly id: string; readonly version: number }
  | {
      readonly code: 'created';
      readonly rule: StoredRule;
      /** The Consent that gets a next version, and the version it must have; absent: a new one. */
      readonly before?: { readonly id: string; readonly version: number };
      readonly takenBack: readonly string[];
    };

/**
 * What migrating changes (rules 39 and 40 of this room's README).
 * @throws Problem conflict when a refusal of a citizen under 16 would go without a parent
 */
export function planMigration(catalogue: Catalogue, migration: MigrationCase): MigrationPlan {
  const { rule, earlier, underSixteen } = migration;
  const takenBack = takenBackOf(earlier);
  const isOpen = ([place]: Given): boolean => !takenBack.has(place) && !isDecided(catalogue, migration, place);
  const answers = rule.answers.filter(isOpen);
  if (answers.length === 0) return { code: 'skipped-citizen-decided' };
  const standing = earlier?.standing;
  const stood = standing?.rule as StoredRule | null | undefined;
  const open = stood?.answers.filter(isOpen) ?? [];
  if (earlier !== undefined && standing !== undefined && stood?.category === rule.category && areSame(open, answers)) {
    return { code: 'unchanged', id: earlier.consentId, version: standing.version };
  }
  const written = { code: 'created', rule: { ...rule, answers, pending: underSixteen } } as const;
  const isConfirmed = underSixteen && stood?.pending === false;
  if (earlier === undefined || standing === undefined || isConfirmed) return { ...written, takenBack: [...takenBack] };
  if (underSixteen) keepRefusals(open, answers);
  const before = { id: earlier.consentId, version: standing.version };
  return { ...written, before, takenBack: [...takenBack] };
}

/** Places of what was migrated that are there no more: somebody but the migrating organisation took them back. */
function takenBackOf(earlier: FoundMigration | undefined): ReadonlySet<string> {
  const said = (earlier?.saidRule as StoredRule | null | undefined)?.answers ?? [];
  const left = new Set((earlier?.standing?.rule as StoredRule | null | undefined)?.answers.map(([place]) => place));
  const gone = said.map(([place]) => place).filter((place) => !left.has(place));
  return new Set([...(earlier?.takenBack ?? []), ...gone]);
}

/** Whether the citizen has an answer for every cell in which a migrated one for this requester place could count. */
function isDecided(catalogue: Catalogue, migration: MigrationCase, requester: PlaceText): boolean {
  const { answers, organization, requesters } = migration;
  const own = answers.filter(({ authority }) => authority === 'citizen');
  const holder = placeText({ kind: 'organisation', ura: organization.ura });
  const rows = organization.types.flatMap((type) => catalogue.organisationTypes.get(type)?.holderCategory ?? []);
  return rows.every((row) => {
    const places = new Set([holder, placeText({ kind: 'category', code: row })]);
    const decided = new Set(
      own.filter((answer) => places.has(placeText(answer.holder))).map((answer) => placeText(answer.requester)),
    );
    const categories = categoriesOf(catalogue, requesters, requester);
    return decided.has(requester) || (categories.length > 0 && categories.every((one) => decided.has(one)));
  });
}

/** The categories that an individual requester is in; none for one that is not registered. */
function categoriesOf(catalogue: Catalogue, requesters: Organizations, requester: PlaceText): PlaceText[] {
  const place = readPlace(requester);
  if (place?.kind !== 'organisation') return [];
  const types = requesters.get(place.ura)?.types ?? [];
  const codes = types.flatMap((type) => catalogue.organisationTypes.get(type)?.requesterCategory ?? []);
  return codes.map((code): PlaceText => `c:${code}`);
}

function areSame(one: readonly Given[], other: readonly Given[]): boolean {
  const answers = new Map(one);
  return one.length === other.length && other.every(([place, decision]) => answers.get(place) === decision);
}

/** Under 16 a refusal is not taken back without a parent, by whatever way. */
function keepRefusals(before: readonly Given[], after: readonly Given[]): void {
  const refused = new Set(after.flatMap(([place, given]) => (given === 'deny' ? [place] : [])));
  if (before.every(([place, given]) => given === 'permit' || refused.has(place))) return;
  throw problem('conflict', 'refusal-needs-parent', 'Under 16 a refusal is not taken back without a parent.');
}
