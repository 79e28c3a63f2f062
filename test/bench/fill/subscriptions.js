import { randomUUID } from 'node:crypto';
import { withoutMeta } from '../../../dist/consent/stored.js';
import { searchValues } from '../../../dist/fhir/search-values.js';
import { SUBSCRIPTION_PROFILE, subscriptionOf } from '../../../dist/fhir/subscription-resource.js';
import { HolderVaults } from '../../../dist/notifications/holder-vaults.js';
import { copyIn } from './copy-in.js';
import { MOMENT } from './templates.js';

/** Subscriptions of each citizen. */
const EACH = 8;

const HOLDERS = 'create unlogged table bench_holder (place integer primary key, vault bytea, content json)';
const INSERT_KEYS = `
  insert into holder_vault (vault, key_version, wrapped_key, created_at)
  select vault, 1, key, $1 from unnest($2::bytea[], $3::bytea[]) as one (vault, key) on conflict do nothing`;
const KNOWN = 'create unlogged table bench_subscription (patient_key bytea, id text, vault bytea, content json)';
const COLUMNS = '(patient_key, id, version, recorded_at, deleted, content, search, vault, registration)';
const FILL_KNOWN = `
  insert into subscription ${COLUMNS}
  select patient_key, id, 1, $1, false, content, $2, vault, sha256(patient_key || vault) from bench_subscription`;
// Nobody opens what nobody can ask about: all citizens of a holder have the same sealed text, of the size it would have.
const FILL_OTHERS = `
  insert into subscription ${COLUMNS}
  select patient_key, gen_random_uuid()::text, 1, $1, false, content, $2, vault, sha256(patient_key || vault)
  from bench_citizen
  cross join generate_series(0, ${EACH - 1}) as turn
  join bench_holder on place = (index * 7919 + turn) % $3
  where not askable`;
const FILL_HISTORY = `
  insert into subscription_history (patient_key, id, version, recorded_at, method, content, vault)
  select patient_key, id, version, recorded_at, 'create', content, vault from subscription where recorded_at = $1`;

function sealedOf(keys, { ura, type, vault }, { bsn, endpoint, id }) {
  const content = { ...withoutMeta(subscriptionOf({ bsn, ura, holderType: type, endpoint }), SUBSCRIPTION_PROFILE) };
  const text = JSON.stringify({ ...content, status: 'active' });
  return JSON.stringify(keys.seal(vault, id, text));
}

async function openVaults(client, vaults, holders) {
  const named = holders.map((holder) => ({ ...holder, vault: vaults.vaultOf(holder.ura) }));
  const made = named.map(({ vault }) => vaults.newKey(vault, 1).wrappedKey);
  await client.query(INSERT_KEYS, [MOMENT, named.map(({ vault }) => vault), made]);
  const keys = await vaults.keysOf(
    client,
    named.map(({ vault }) => vault),
  );
  return { named, keys };
}

/** The first subscription of each is of the organisation that asks and records in the bench. */
function* knownRows({ named, keys, vaultOfBsn, askable, endpoint }) {
  for (const { index, bsn } of askable) {
    const patientKey = vaultOfBsn.keyOf(bsn);
    const others = Array.from({ length: EACH - 1 }, (_, turn) => 1 + ((index * 7919 + turn) % (named.length - 1)));
    for (const holder of [0, ...others].map((place) => named[place])) {
      const id = randomUUID();
      yield [patientKey, id, holder.vault, sealedOf(keys, holder, { bsn, endpoint, id })];
    }
  }
}

/**
 * Eight subscriptions for each citizen, those of whom can be asked about sealed as a holder's would be.
 * @param holders the one that records first
 */
export async function fillSubscriptions(
  client,
  { keys: secrets, conformance, holders, askable, endpoint, vaultOfBsn },
) {
  const { named, keys } = await openVaults(client, new HolderVaults(secrets.vaultKey, secrets.bsnHashKey), holders);
  await client.query(HOLDERS);
  await client.query(KNOWN);
  const [{ bsn }] = askable;
  const texts = named.map((one, place) => [place, one.vault, sealedOf(keys, one, { bsn, endpoint, id: randomUUID() })]);
  await copyIn(client, 'bench_holder', texts);
  await copyIn(client, 'bench_subscription', knownRows({ named, keys, vaultOfBsn, askable, endpoint }));
  const active = { ...subscriptionOf({ bsn, ...holders[0], holderType: holders[0].type, endpoint }), status: 'active' };
  const search = searchValues(conformance, active);
  await client.query(FILL_KNOWN, [MOMENT, search]);
  await client.query('analyze bench_holder');
  await client.query(FILL_OTHERS, [MOMENT, search, named.length]);
  await client.query(FILL_HISTORY, [MOMENT]);
  await client.query('drop table bench_holder, bench_subscription');
}
