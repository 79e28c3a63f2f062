import type { AgeGroup, Settings, SettingsRequest } from '../fhir/settings-parameters.ts';
import { problem } from '../problem.ts';
import { type CitizenRow, findCitizens, saveCitizen } from '../storage/citizen.ts';
import { readClock } from '../storage/clock.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { ageGroupOf, choicesWait } from './age.ts';
import { findKnownAge } from './known-age.ts';
import { ownKey } from './patient-kind.ts';
import { becomeUnderSixteen } from './standing-choices.ts';
import type { Unit } from './unit.ts';

/**
 * Changes what the citizen settled, where something is given (rules 18 and 22). Needs no Patient and makes none.
 * @returns what stands now
 * @throws Problem invalid for another age group than a birth date says; conflict for one under 16 while choices stand
 */
export async function settle(unit: Unit, request: SettingsRequest): Promise<Settings> {
  const patientKey = ownKey(unit);
  await lockPatients(unit.sql, [patientKey]);
  const [before = nothingSettled(patientKey)] = await findCitizens(unit.sql, [patientKey]);
  const after = {
    ...before,
    locked: request.locked ?? before.locked,
    emailOn: request.emailOn ?? before.emailOn,
    ...(await declaredAge(unit, patientKey, request)),
  };
  const changed = changesOf(before, after);
  unit.note({ patientKey, detail: changed.length === 0 ? {} : { settings: changed } });
  if (changed.length > 0) await saveCitizen(unit.sql, after);
  return currentSettings(unit, after);
}

function nothingSettled(patientKey: Buffer): CitizenRow {
  return { patientKey, locked: false, emailOn: [], birthDateByProvider: false };
}

async function currentSettings(unit: Unit, { patientKey, locked, emailOn }: CitizenRow): Promise<Settings> {
  const { birthDate, ageGroup: declared } = await findKnownAge(unit, patientKey);
  const now = await readClock(unit.sql);
  const ageGroup = birthDate === undefined ? (declared as AgeGroup | undefined) : ageGroupOf(birthDate, now);
  return {
    locked,
    emailOn,
    ...(ageGroup === undefined ? {} : { ageGroup }),
    ageGroupFixed: birthDate !== undefined,
  };
}

/** The age group to keep: none when a birth date says the same. */
async function declaredAge(
  unit: Unit,
  patientKey: Buffer,
  { ageGroup: asked }: SettingsRequest,
): Promise<{ readonly ageGroup?: AgeGroup }> {
  if (asked === undefined) return {};
  const { group, expression } = asked;
  const known = await findKnownAge(unit, patientKey);
  const now = await readClock(unit.sql);
  if (known.birthDate !== undefined) {
    if (ageGroupOf(known.birthDate, now) === group) return {};
    throw problem('invalid', 'age-group-locked', 'A birth date is known: it says the age group.', expression);
  }
  const becomesYounger = choicesWait({ ageGroup: group }, now) && !choicesWait(known, now);
  if (becomesYounger) await becomeUnderSixteen(unit, { patientKey, now }, expression);
  return { ageGroup: group };
}

/** What became different, for the log: words, never more than that. */
function changesOf(before: CitizenRow, after: CitizenRow): string[] {
  return [
    ...(before.locked === after.locked ? [] : [after.locked ? 'locked' : 'unlocked']),
    ...(before.emailOn.join() === after.emailOn.join() ? [] : ['email-on']),
    ...(before.ageGroup === after.ageGroup ? [] : ['age-group']),
  ];
}
