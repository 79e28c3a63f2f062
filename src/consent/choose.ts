import type { Consent } from '@medplum/fhirtypes';
import type { StoredRule } from '../decision/stored-rule.ts';
import type { Choice } from '../fhir/choose-parameters.ts';
import { readClock } from '../storage/clock.ts';
import { CONSENT, type ConsentRow, findConsents } from '../storage/consent.ts';
import { searchRows } from '../storage/search.ts';
import { openCitizen } from './citizen.ts';
import { CONSENT_KIND } from './consent-kind.ts';
import { type CurrentConsent, planChoice } from './plan-choice.ts';
import { pressButton } from './press-button.ts';
import { organizationOf, type Recorder, recorderIn, recorderOf, recorderText } from './recorder.ts';
import { resolveChoice } from './resolve-choice.ts';
import { type Stored, storedAll } from './stored.ts';
import type { Unit } from './unit.ts';
import { writeChosen } from './write-chosen.ts';

/**
 * Records what a citizen chose, alone or with a provider (rules 5 to 8 and 17 to 21): consents, their history and the audit
 * record in one transaction.
 * @returns the citizen's Consents that count now, as far as the caller may see them
 * @throws Problem forbidden for another's choices, and for a provider that may not record for this citizen; invalid for a
 *   holder that is not registered or a cell without a question
 */
export async function choose(unit: Unit, asked: Choice): Promise<Stored[]> {
  const { catalogue, vault } = unit.register;
  const patientKey = vault.keyOf(asked.bsn);
  const recorder = await recorderOf(unit, asked, patientKey);
  const choice = recorder.way === 'button' ? pressButton(catalogue, recorder.organization, asked) : asked;
  const citizen = await openCitizen(unit, patientKey, choice.bsn);
  const current = (await findConsents(unit.sql, [patientKey])).filter(countsNow);
  const resolved = await resolveChoice(unit, choice);
  const chooser = {
    recorder: recorderText(recorder.way, organizationOf(recorder)),
    pending: citizen.underSixteen,
  };
  const entities: string[] = [];
  for (const plan of planChoice(catalogue, current.flatMap(answersOf), resolved, chooser)) {
    const before = current.find(({ id }) => id === plan.id);
    entities.push(await writeChosen(unit, citizen, recorder, plan, before));
  }
  noteRecording(unit, patientKey, recorder, entities, choice.reason);
  return currentConsents(unit, patientKey);
}

function noteRecording(
  unit: Unit,
  patientKey: Buffer,
  { way }: Recorder,
  consents: readonly string[],
  reason: string | undefined,
): void {
  const recorded = { way, consents, ...(reason === undefined ? {} : { reason }) };
  unit.note({ patientKey, detail: { entities: consents }, recorded });
}

/** The citizen's Consents that count now and that the caller may see, oldest first. */
async function currentConsents(unit: Unit, patientKey: Buffer): Promise<Stored[]> {
  const now = await readClock(unit.sql);
  const rows = (await findConsents(unit.sql, [patientKey])).filter((row) => countsNow(row) && !hasLapsed(row, now));
  const visible = await visibleIds(
    unit,
    rows.map(({ id }) => id),
  );
  const shown = rows.filter(({ id }) => visible.has(id));
  return storedAll(unit, CONSENT_KIND, shown);
}

async function visibleIds(unit: Unit, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const filters = [{ kind: 'id' as const, values: ids }];
  const search = { filters, scope: await CONSENT_KIND.scope(unit), count: ids.length };
  const { rows } = await searchRows(unit.sql, CONSENT, search);
  return new Set(rows.map(({ id }) => id));
}

function countsNow({ status }: ConsentRow): boolean {
  return status === 'active' || status === 'proposed';
}

/** An emergency grant keeps its status when its 72 hours are over. */
function hasLapsed({ rule }: ConsentRow, now: number): boolean {
  const { grant } = (rule ?? {}) as Partial<StoredRule>;
  return grant !== undefined && grant.end <= now;
}

/** A consent with its answers; an emergency grant has none that a choice could change. */
function answersOf({ id, recordedAt, rule, content }: ConsentRow): CurrentConsent[] {
  const stored = rule as StoredRule | null;
  if (stored === null || stored.grant !== undefined || typeof stored.holder !== 'string' || stored.holder === 'all')
    return [];
  const recorder = recorderIn(content as Consent);
  return [{ id, recordedAt, recorder, rule: { ...stored, holder: stored.holder } }];
}
