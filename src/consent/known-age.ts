import type { Patient } from '@medplum/fhirtypes';
import { findPassedBirthDates } from '../notifications/passed-birth-dates.ts';
import { findCitizens } from '../storage/citizen.ts';
import { findPatients, type PatientRow } from '../storage/patient.ts';
import { type KnownAge, youngest } from './age.ts';
import { byCitizen } from './by-citizen.ts';
import type { Unit } from './unit.ts';

/** What is known of a citizen's age, whether or not there is a Patient. */
export async function findKnownAge(unit: Unit, patientKey: Buffer): Promise<KnownAge> {
  const patients = await findPatients(unit.sql, [patientKey]);
  return (await knownAges(unit, [patientKey], patients)).get(patientKey.toString('hex')) ?? {};
}

/**
 * The birth date on the Patient; without one the one that providers passed, also when the account and their subscriptions
 * are gone; and what the citizen says (rule 22). For many citizens in a constant number of statements.
 * @param patients those of the citizens that have one
 * @returns by the hexadecimal text of the citizen's key
 */
export async function knownAges(
  unit: Unit,
  patientKeys: readonly Buffer[],
  patients: readonly PatientRow[],
): Promise<Map<string, KnownAge>> {
  const own = patients.flatMap(({ patientKey, content }) =>
    dated(patientKey.toString('hex'), (content as Patient).birthDate),
  );
  const ownDates = new Map(own);
  const undated = patientKeys.filter((key) => !ownDates.has(key.toString('hex')));
  const dates = new Map([...own, ...(await providedBirthDates(unit, undated))]);
  const settled = await findCitizens(unit.sql, patientKeys);
  const said = new Map(settled.map(({ patientKey, ageGroup }) => [patientKey.toString('hex'), ageGroup]));
  return new Map(
    patientKeys.map((key) => key.toString('hex')).map((key) => [key, ageOf(dates.get(key), said.get(key))]),
  );
}

/** The birth date that providers passed with their subscriptions: of several the one by which the citizen is youngest. */
export async function providedBirthDate(unit: Unit, patientKey: Buffer): Promise<string | undefined> {
  return (await providedBirthDates(unit, [patientKey])).get(patientKey.toString('hex'));
}

async function providedBirthDates(
  { sql, register }: Unit,
  patientKeys: readonly Buffer[],
): Promise<Map<string, string>> {
  const passed = await findPassedBirthDates(sql, register.holderVaults, patientKeys);
  const dates = [...byCitizen(passed)].map(([key, own]) => dated(key, youngest(own.map(({ birthDate }) => birthDate))));
  return new Map(dates.flat());
}

function dated(key: string, birthDate: string | undefined): [string, string][] {
  return birthDate === undefined ? [] : [[key, birthDate]];
}

function ageOf(birthDate: string | undefined, ageGroup: string | undefined): KnownAge {
  return {
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(ageGroup === undefined ? {} : { ageGroup }),
  };
}
