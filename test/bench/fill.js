import { createHmac, randomBytes } from 'node:crypto';
import pg from 'pg';
import { readCatalogue } from '../../dist/catalogue/read-catalogue.js';
import { BsnVault } from '../../dist/consent/bsn-vault.js';
import { PATIENT_PROFILE } from '../../dist/fhir/patient-resource.js';
import { loadConformance } from '../../dist/fhir/conformance.js';
import { BSN_SYSTEM, isBsn } from '../../dist/fhir/identifiers.js';
import { searchValues } from '../../dist/fhir/search-values.js';
import { newestCatalogue, readResources } from '../../dist/read-resources.js';
import { SANDBOX_CITIZENS } from '../../dist/sandbox/people.js';
import { decideAll, pairsBetween } from './expected.js';
import { CITIZEN, consentTemplates, kindOf, MOMENT } from './templates.js';

const CHUNK = 10_000;

const CITIZENS = `
  create temporary table bench_citizen (bucket integer, id text, patient_key bytea, bsn_cipher bytea);
  create temporary table bench_template (first integer, last integer, status text, rule jsonb, content text, search text)`;
const ADD_CITIZENS = `
  insert into bench_citizen
  select bucket, gen_random_uuid()::text, patient_key, bsn_cipher
  from unnest($1::integer[], $2::bytea[], $3::bytea[]) as one (bucket, patient_key, bsn_cipher)`;
const ADD_TEMPLATE = 'insert into bench_template values ($1, $2, $3, $4, $5, $6)';
const FILL_PATIENTS = `
  insert into patient (id, version, recorded_at, deleted, content, search, patient_key, bsn_cipher)
  select id, 1, $1, false, $2, $3, patient_key, bsn_cipher from bench_citizen`;
const FILL_CONSENTS = `
  insert into consent (patient_key, id, version, recorded_at, deleted, status, rule, content, search)
  select patient_key, gen_random_uuid()::text, 1, $1, false, status, rule,
    replace(content, $2, bench_citizen.id)::json, replace(search, $2, bench_citizen.id)::jsonb
  from bench_citizen join bench_template on bucket between first and last`;
const FILL_HISTORY = [
  `insert into patient_history (id, version, recorded_at, method, content)
  select id, version, recorded_at, 'create', content from patient on conflict do nothing`,
  `insert into consent_history (patient_key, id, version, recorded_at, method, status, rule, content)
  select patient_key, id, version, recorded_at, 'create', status, rule, content from consent on conflict do nothing`,
];
// Indexes that no key needs are made after the rows, which takes a third of the time.
const SECONDARY = `
  select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
  where indrelid = any('{patient,patient_history,consent,consent_history}'::regclass[]) and not indisunique`;

/** All BSNs that nobody has: they start with 9999 and pass the eleven-test. There are some nine thousand. */
function madeUpBsns() {
  const taken = new Set(SANDBOX_CITIZENS.map(({ bsn }) => bsn));
  const numbers = Array.from({ length: 100_000 }, (_, index) => String(999_900_000 + index));
  return numbers.filter((text) => isBsn(text) && !taken.has(text));
}

/** The citizens, of whom as many as there are made-up BSNs can be asked about, evenly among the others. */
function drawCitizens(vault, count) {
  const spare = madeUpBsns();
  const every = Math.max(1, Math.floor(count / spare.length));
  const askable = [];
  const citizens = Array.from({ length: count }, (_, index) => {
    const bsn = index % every === 0 ? spare[askable.length] : undefined;
    const bucket = createHmac('sha256', 'bench').update(String(index)).digest().readUInt32BE() % 100;
    if (bsn !== undefined) askable.push({ bsn, kind: kindOf(bucket) });
    const key = bsn === undefined ? randomBytes(32) : vault.keyOf(bsn);
    return { bucket, key, cipher: vault.seal(bsn ?? spare[0]) };
  });
  return { citizens, askable };
}

async function fillTemporary(client, citizens, templates) {
  await client.query(CITIZENS);
  for (let at = 0; at < citizens.length; at += CHUNK) {
    const chunk = citizens.slice(at, at + CHUNK);
    const columns = [chunk.map(({ bucket }) => bucket), chunk.map(({ key }) => key), chunk.map(({ cipher }) => cipher)];
    await client.query(ADD_CITIZENS, columns);
  }
  for (const { buckets, status, rule, content, search } of templates) {
    const texts = [rule, content, search].map((value) => JSON.stringify(value));
    await client.query(ADD_TEMPLATE, [...buckets, status, ...texts]);
  }
}

async function fillTables(client, conformance) {
  const patient = {
    resourceType: 'Patient',
    meta: { profile: [PATIENT_PROFILE] },
    identifier: [{ system: BSN_SYSTEM }],
  };
  const { rows: indexes } = await client.query(SECONDARY);
  for (const { name } of indexes) await client.query(`drop index ${name}`);
  await client.query(FILL_PATIENTS, [MOMENT, patient, searchValues(conformance, patient)]);
  const { rowCount } = await client.query(FILL_CONSENTS, [MOMENT, CITIZEN]);
  for (const statement of FILL_HISTORY) await client.query(statement);
  await client.query("set local maintenance_work_mem = '256MB'");
  for (const { definition } of indexes) await client.query(definition);
  return rowCount;
}

function shuffle(list) {
  return list
    .map((one) => [Math.random(), one])
    .sort(([one], [other]) => one - other)
    .map(([, one]) => one);
}

/**
 * Fills an empty register with citizens, straight into its tables: keys, rules and resources are of the server's making.
 * @returns the BSNs that can be asked about, in no order, and the number of consents
 */
export async function fill(url, keys, count) {
  const terminology = await newestCatalogue();
  const profiles = await Promise.all([readResources('r4'), readResources('built')]);
  const conformance = loadConformance([...profiles.flat(), ...terminology]);
  const { citizens, askable } = drawCitizens(new BsnVault(keys.bsnHashKey, keys.bsnCipherKey), count);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: organizations } = await client.query('select id, ura, types from organization');
    const catalogue = readCatalogue(terminology);
    const templates = consentTemplates(catalogue, conformance, organizations);
    const pairs = pairsBetween(catalogue, organizations);
    await client.query('begin');
    await fillTemporary(client, citizens, templates);
    const rows = await fillTables(client, conformance);
    await client.query('commit');
    await client.query('vacuum (analyze) patient, consent, consent_history, organization');
    await client.query('checkpoint');
    return {
      citizens: shuffle(askable),
      pairs: pairs.map(({ uras }) => uras),
      decisions: decideAll(catalogue, templates, pairs),
      rows,
    };
  } finally {
    await client.end();
  }
}
