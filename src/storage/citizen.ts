import type { Sql } from './database.ts';

/** What a citizen has settled; a citizen without a row has settled nothing. */
export interface CitizenRow {
  readonly patientKey: Buffer;
  /** The citizen lock: no provider records for this citizen. */
  readonly locked: boolean;
  /** About which events a mail is wanted. */
  readonly emailOn: readonly string[];
  /** Said by the citizen; counts as long as there is no birth date. */
  readonly ageGroup?: string;
  /** A provider passed the birth date: the age group is fixed. */
  readonly birthDateByProvider: boolean;
}

interface RawCitizen {
  readonly patient_key: Buffer;
  readonly locked: boolean;
  readonly email_on: string[];
  readonly age_group: string | null;
  readonly birth_date_by_provider: boolean;
}

const FIND_CITIZENS = `
  select patient_key, locked, email_on, age_group, birth_date_by_provider from citizen
  where patient_key = any($1::bytea[])`;

const SAVE_CITIZEN = `
  insert into citizen (patient_key, locked, email_on, age_group, birth_date_by_provider) values ($1, $2, $3, $4, $5)
  on conflict (patient_key) do update set locked = excluded.locked, email_on = excluded.email_on,
    age_group = excluded.age_group, birth_date_by_provider = excluded.birth_date_by_provider`;

function readCitizenRow(raw: RawCitizen): CitizenRow {
  return {
    patientKey: raw.patient_key,
    locked: raw.locked,
    emailOn: raw.email_on,
    ...(raw.age_group === null ? {} : { ageGroup: raw.age_group }),
    birthDateByProvider: raw.birth_date_by_provider,
  };
}

/** What these citizens have settled; those without a row are not in it. */
export async function findCitizens(sql: Sql, patientKeys: readonly Buffer[]): Promise<CitizenRow[]> {
  const { rows } = await sql.query<RawCitizen>(FIND_CITIZENS, [patientKeys]);
  return rows.map(readCitizenRow);
}

/** Writes what a citizen has settled, over what was there. Hold the citizen's lock. */
export async function saveCitizen(sql: Sql, citizen: CitizenRow): Promise<void> {
  const { patientKey, locked, emailOn, ageGroup = null, birthDateByProvider } = citizen;
  await sql.query(SAVE_CITIZEN, [patientKey, locked, emailOn, ageGroup, birthDateByProvider]);
}
