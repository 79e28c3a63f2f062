import { randomUUID } from 'node:crypto';
import { BsnVault } from '../../src/consent/bsn-vault.ts';
import { BSN_SYSTEM } from '../../src/fhir/identifiers.ts';
import { subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import { HolderVaults } from '../../src/notifications/holder-vaults.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { type Database, openDatabase } from '../../src/storage/database.ts';

/** Somebody who is to be a patient of the holder. */
export interface ManyPatient {
  /** In what the holder registered; a number may stand for many who have none of their own. */
  readonly bsn: string;
  readonly patientKey: Buffer;
  /** The id of the Patient. */
  readonly id: string;
}

const PATIENTS = `
  with made as (
    insert into patient (id, version, recorded_at, deleted, content, search, patient_key, bsn_cipher)
    select id, 1, now(), false, $3, '{}', patient_key, bsn_cipher
    from unnest($1::text[], $2::bytea[], $4::bytea[]) as one (id, patient_key, bsn_cipher) on conflict do nothing returning *)
  insert into patient_history (id, version, recorded_at, method, content)
  select id, version, recorded_at, 'create', content from made`;
const SUBSCRIPTIONS = `
  with made as (
    insert into subscription (patient_key, id, version, recorded_at, deleted, content, search, vault, registration)
    select patient_key, id, 1, now(), false, content, '{}', $1, sha256(patient_key || $1)
    from unnest($2::bytea[], $3::text[], $4::json[]) as one (patient_key, id, content) returning *)
  insert into subscription_history (patient_key, id, version, recorded_at, method, content, vault)
  select patient_key, id, version, recorded_at, 'create', content, vault from made`;
const CHUNK = 5000;

/** Citizens with these numbers, whom nobody knows yet. */
export async function patientsWith(dataDir: string, bsns: readonly string[]): Promise<ManyPatient[]> {
  const keys = await openSandboxKeys(dataDir);
  const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
  return bsns.map((bsn) => ({ bsn, patientKey: vault.keyOf(bsn), id: randomUUID() }));
}

/** Makes citizens known as patients of a holder, straight into the tables. */
export async function subscribeMany(
  url: string,
  dataDir: string,
  patients: readonly ManyPatient[],
  { ura, endpoint }: { readonly ura: string; readonly endpoint: string },
): Promise<void> {
  const database = await openDatabase(url, { max: 1 });
  try {
    for (let at = 0; at < patients.length; at += CHUNK) {
      await addPatients(database, dataDir, patients.slice(at, at + CHUNK));
      await addSubscriptions(database, dataDir, patients.slice(at, at + CHUNK), { ura, endpoint });
    }
    await database.query('analyze');
  } finally {
    await database.close();
  }
}

async function addPatients(database: Database, dataDir: string, patients: readonly ManyPatient[]): Promise<void> {
  const keys = await openSandboxKeys(dataDir);
  const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
  const content = { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM }] };
  await database.query(PATIENTS, [
    patients.map(({ id }) => id),
    patients.map(({ patientKey }) => patientKey),
    content,
    patients.map(({ bsn }) => vault.seal(bsn)),
  ]);
}

async function addSubscriptions(
  database: Database,
  dataDir: string,
  patients: readonly ManyPatient[],
  { ura, endpoint }: { readonly ura: string; readonly endpoint: string },
): Promise<void> {
  const { vaultKey, bsnHashKey } = await openSandboxKeys(dataDir);
  const vaults = new HolderVaults(vaultKey, bsnHashKey);
  const vault = vaults.vaultOf(ura);
  const keys = await vaults.openOrMake(database, vault, Date.now());
  const rows = patients.map(({ bsn, patientKey }) => {
    const id = randomUUID();
    const subscription = { ...subscriptionOf({ bsn, ura, holderType: 'Z3', endpoint }), status: 'active' };
    return { patientKey, id, content: JSON.stringify(keys.seal(vault, id, JSON.stringify(subscription))) };
  });
  await database.query(SUBSCRIPTIONS, [
    vault,
    rows.map(({ patientKey }) => patientKey),
    rows.map(({ id }) => id),
    rows.map(({ content }) => content),
  ]);
}
