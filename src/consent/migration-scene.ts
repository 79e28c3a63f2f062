import type { ConsentProfile } from '../decision/consent-profile.ts';
import type { Organizations } from '../fhir/consent-place.ts';
import { problem } from '../problem.ts';
import { readForDecision } from '../storage/decision-rows.ts';
import { findMigrations, type FoundMigration } from '../storage/migrated-consent.ts';
import { lockPatients } from '../storage/lock-patients.ts';
import { findOrganizations, type OrganizationRow } from '../storage/organization.ts';
import { PATIENT } from '../storage/patient.ts';
import { findSubscribed } from '../storage/subscription.ts';
import { readResources } from '../storage/versioned.ts';
import { byCitizen } from './by-citizen.ts';
import { type Citizen, openCitizens, type Subject } from './citizen.ts';
import { findLocked } from './citizen-lock.ts';
import { organizationsOf } from './consent-draft.ts';
import { knowledgeOf } from './knowledge.ts';
import type { NamedCitizen, PreparedItem } from './migrated-item.ts';
import type { Unit } from './unit.ts';

type ReadableItem = Exclude<PreparedItem, { readonly problem: unknown }>;

/** What the register holds about the citizens of many items, read in a constant number of statements. */
export interface MigrationScene {
  /** The migrating organisation. */
  readonly own: OrganizationRow;
  /** The moment of the recording. */
  readonly now: number;
  /** Those that the items name, as far as they are registered. */
  readonly organizations: Organizations;
  /** Nothing for a Patient that is not there. */
  patientKeyOf(named: NamedCitizen): Buffer | undefined;
  /** Nothing for one whom the organisation has not registered. Their turn is held until the transaction ends. */
  citizenOf(patientKey: Buffer): Citizen | undefined;
  isLocked(patientKey: Buffer): boolean;
  profileOf(patientKey: Buffer): ConsentProfile;
  /** What the organisation migrated before, in the order in which it did. */
  earlierOf(patientKey: Buffer): readonly FoundMigration[];
}

/**
 * Reads what migrating these items needs, and takes the turn of every citizen that the organisation is subscribed for.
 * @param items each of another citizen
 * @throws Problem forbidden when the organisation is not registered
 */
export async function readMigrationScene(
  unit: Unit,
  ura: string,
  items: readonly ReadableItem[],
): Promise<MigrationScene> {
  const { sql, register } = unit;
  const organizations = await organizationsOf(
    unit,
    items.map(({ consent }) => consent),
  );
  const own = await ownOrganization(unit, ura);
  const subjects = await subjectsOf(unit, items);
  const subscribed = await lockSubscribed(unit, ura, [...subjects.values()]);
  const keys = subscribed.map(({ patientKey }) => patientKey);
  const citizens = await openCitizens(unit, subscribed);
  const locked = new Set((await findLocked(unit, keys)).map(hex));
  const knowledge = knowledgeOf(await readForDecision(sql, keys, []));
  const earlier = byCitizen(await findMigrations(sql, keys, ura));
  return {
    own,
    now: knowledge.now,
    organizations: new Map([...organizations, [own.ura, own]]),
    patientKeyOf: (named) =>
      named.bsn === undefined ? subjects.get(named.patientId)?.patientKey : register.vault.keyOf(named.bsn),
    citizenOf: (patientKey) => citizens.get(hex(patientKey)),
    isLocked: (patientKey) => locked.has(hex(patientKey)),
    profileOf: (patientKey) => knowledge.profileOf(patientKey),
    earlierOf: (patientKey) => earlier.get(hex(patientKey)) ?? [],
  };
}

/** @throws Problem forbidden when the organisation is not registered */
export async function ownOrganization({ sql }: Unit, ura: string): Promise<OrganizationRow> {
  const [own] = await findOrganizations(sql, [ura]);
  if (own !== undefined) return own;
  throw problem('forbidden', 'organization-not-registered', 'The organisation of this client is not registered.');
}

/** The citizens by what the items call them; a Patient that is not there, or was deleted, is not in it. */
async function subjectsOf({ sql }: Unit, items: readonly ReadableItem[]): Promise<Map<string, Subject>> {
  const subjects = new Map<string, Subject>();
  const ids: string[] = [];
  for (const { citizen } of items) {
    if (citizen.bsn === undefined) ids.push(citizen.patientId);
    else subjects.set(citizen.bsn, citizen);
  }
  const rows = ids.length === 0 ? [] : await readResources(sql, PATIENT, ids);
  for (const { id, patientKey, deleted } of rows) if (!deleted) subjects.set(id, { patientKey });
  return subjects;
}

/** Those whom the organisation has registered, in their turn: a subscription that ended before it counts no more. */
async function lockSubscribed(unit: Unit, ura: string, subjects: readonly Subject[]): Promise<Subject[]> {
  const before = await subscribedOf(unit, ura, subjects);
  await lockPatients(
    unit.sql,
    before.map(({ patientKey }) => patientKey),
  );
  return subscribedOf(unit, ura, before);
}

/** Those of them that the organisation has registered, each once. */
async function subscribedOf({ sql, register }: Unit, ura: string, subjects: readonly Subject[]): Promise<Subject[]> {
  const byKey = new Map(subjects.map((subject) => [hex(subject.patientKey), subject]));
  const keys = [...byKey.values()].map(({ patientKey }) => patientKey);
  const found = await findSubscribed(sql, keys, register.holderVaults.vaultOf(ura));
  return found.flatMap((patientKey) => byKey.get(hex(patientKey)) ?? []);
}

function hex(patientKey: Buffer): string {
  return patientKey.toString('hex');
}
