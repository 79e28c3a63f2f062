import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Answer } from '../decision/consent-profile.ts';
import { type PlaceText, placeText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import type { Organizations, RegisteredOrganization } from '../fhir/consent-place.ts';
import { problem } from '../problem.ts';
import type { FoundMigration } from '../storage/migrated-consent.ts';
import { type StandingMigration, standingOf, takenBackOf } from './earlier-migrations.ts';

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
  /** What the organisation migrated before, in the order in which it did. */
  readonly earlier: readonly FoundMigration[];
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
  const standing = standingOf(earlier);
  const takenBack = takenBackOf(earlier);
  const isOpen = ([place]: Given): boolean => !takenBack.has(place) && !isDecided(catalogue, migration, place);
  const waiting = underSixteen ? [] : standing.filter((one) => one.rule.pending);
  const last = standing.findLast((one) => !waiting.includes(one));
  const brought = rule.answers.filter(isOpen);
  const answers = brought.filter((given) => !isKept(waiting, given) || says(last, given));
  if (answers.length === 0) return leaveWaiting(waiting, brought);
  const written = { code: 'created', rule: { ...rule, answers, pending: underSixteen } } as const;
  if (last === undefined) return { ...written, takenBack: [...takenBack] };
  const stood = last.rule.answers.filter(isOpen);
  if (last.rule.category === rule.category && areSame(stood, answers)) return unchanged(last);
  // What a parent confirmed stands: a change of it is a new proposal.
  if (last.rule.pending !== underSixteen) return { ...written, takenBack: [...takenBack] };
  if (underSixteen) keepRefusals(stood, answers);
  const decided = last.rule.answers.filter((given) => !isOpen(given)).map(([place]) => place);
  const before = { id: last.id, version: last.version };
  return { ...written, before, takenBack: [...new Set([...takenBack, ...decided])] };
}

/** From 16 what waits is the citizen's alone to confirm: a yes there is not made to count, a no in its place is. */
function isKept(waiting: readonly StandingMigration[], [place, decision]: Given): boolean {
  return waiting.some((one) => says(one, [place, decision]) || (decision === 'permit' && says(one, [place, 'deny'])));
}

/** Nothing is left to be written: all of it waits already, or was the citizen's to say. */
function leaveWaiting(waiting: readonly StandingMigration[], brought: readonly Given[]): MigrationPlan {
  const [first] = brought;
  const there = first === undefined ? undefined : waiting.find((one) => says(one, first));
  const isThere = there !== undefined && brought.every((given) => waiting.some((one) => says(one, given)));
  return isThere ? unchanged(there) : { code: 'skipped-citizen-decided' };
}

function unchanged({ id, version }: StandingMigration): MigrationPlan {
  return { code: 'unchanged', id, version };
}

function says(one: StandingMigration | undefined, [place, decision]: Given): boolean {
  return one?.rule.answers.some(([there, given]) => there === place && given === decision) === true;
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
