import type { StoredRule } from '../decision/stored-rule.ts';
import type { FoundMigration } from '../storage/migrated-consent.ts';

/** A Consent that an organisation migrated and that still is what it was: with answers, and of no more authority. */
export interface StandingMigration {
  readonly id: string;
  readonly version: number;
  readonly rule: StoredRule;
}

/**
 * Those that a migration may still write to. One that was withdrawn is not among them, nor one that the citizen has rewritten:
 * that is the citizen's own from then on.
 * @param earlier all that the organisation migrated of one citizen, in the order in which it did
 */
export function standingOf(earlier: readonly FoundMigration[]): StandingMigration[] {
  return earlier.flatMap(({ consentId: id, standing }) => {
    const rule = standing?.rule as StoredRule | null | undefined;
    return standing !== undefined && rule?.authority === 'migrated' ? [{ id, version: standing.version, rule }] : [];
  });
}

/**
 * Requester places of what was migrated that stand as migrated no more: somebody but the organisation took them back, also by
 * giving an answer of their own there. A place that only moved to a Consent migrated later, as a parent's yes has it, did not go.
 */
export function takenBackOf(earlier: readonly FoundMigration[]): ReadonlySet<string> {
  const gone = earlier.flatMap(({ saidRule }, at) => {
    const left = new Set(standingOf(earlier.slice(at)).flatMap(({ rule }) => placesOf(rule)));
    return placesOf(saidRule as StoredRule | null).filter((place) => !left.has(place));
  });
  return new Set([...earlier.flatMap(({ takenBack }) => takenBack), ...gone]);
}

function placesOf(rule: StoredRule | null): string[] {
  return rule?.answers.map(([place]) => place) ?? [];
}
