import type { Consent } from '@medplum/fhirtypes';
import { type PlaceText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import { isConfirmed, withAnswers } from '../fhir/consent-resource.ts';
import type { ConsentRow } from '../storage/consent.ts';
import type { Citizen } from './citizen.ts';
import { draftConsent } from './consent-draft.ts';
import type { Unit } from './unit.ts';

/**
 * Makes the answers of a citizen who turns out to be under 16 wait for a parent, migrated ones too, as far as none has
 * confirmed them: their permits no longer count, their refusals do. Emergency grants are no answers. Hold the citizen's lock.
 * @param consents all that stand for the citizen
 */
export async function proposeUnconfirmed(
  unit: Unit,
  { patientKey, now }: Pick<Citizen, 'patientKey' | 'now'>,
  consents: readonly ConsentRow[],
): Promise<void> {
  const rows = consents.filter(isUnconfirmed);
  const proposed: string[] = [];
  for (const row of rows) proposed.push(await propose(unit, row, overtaken(row, rows), now));
  if (proposed.length === 0) return;
  const recorded = { way: 'correction', consents: proposed } as const;
  unit.note({ patientKey, detail: { entities: proposed }, recorded });
}

function isUnconfirmed({ status, content, rule }: ConsentRow): boolean {
  const { authority, grant } = (rule ?? {}) as Partial<StoredRule>;
  return status === 'active' && authority !== undefined && grant === undefined && !isConfirmed(content as Consent);
}

/**
 * Requester places about which a later Consent of the same authority for the same holder place speaks: being written anew
 * revives nothing.
 */
function overtaken(row: ConsentRow, rows: readonly ConsentRow[]): ReadonlySet<PlaceText> {
  const { holder, authority } = ruleOf(row);
  const alike = rows.filter((other) => ruleOf(other).holder === holder && ruleOf(other).authority === authority);
  const later = alike.filter((other) => other.recordedAt > row.recordedAt);
  return new Set(later.flatMap((other) => ruleOf(other).answers.map(([place]) => place)));
}

function ruleOf({ rule }: ConsentRow): StoredRule {
  return rule as StoredRule;
}

/** Writes the next version, without answers withdrawn, and returns its versioned reference. */
async function propose(unit: Unit, row: ConsentRow, gone: ReadonlySet<PlaceText>, recordedAt: number): Promise<string> {
  const before = ruleOf(row);
  const rule = { ...before, pending: true, answers: before.answers.filter(([place]) => !gone.has(place)) };
  const status = rule.answers.length === 0 ? ('inactive' as const) : ('proposed' as const);
  const proposed = { ...(row.content as Consent), status };
  const consent = rule.answers.length === before.answers.length ? proposed : withAnswers(proposed, contentOf(rule));
  const draft = await draftConsent(unit, consent, row.patientKey, rule);
  const { content, search } = draft;
  const version = { id: row.id, expected: row.version, recordedAt, content, search, method: 'update' } as const;
  const written = await draft.update(unit.sql, version);
  if (written === undefined) throw new Error('a consent that was locked could not be written');
  return `Consent/${written.id}/_history/${written.version}`;
}

function contentOf({ holder, answers }: StoredRule) {
  return {
    holder: place(holder),
    answers: answers.map(([requester, decision]) => ({ requester: place(requester), decision })),
  };
}

function place(text: unknown) {
  const read = readPlace(text);
  if (read === undefined) throw new Error('a place of our own making cannot be read');
  return read;
}
