import { BSN_SYSTEM } from '../../../dist/fhir/identifiers.js';
import { PATIENT_PROFILE } from '../../../dist/fhir/patient-resource.js';
import { searchValues } from '../../../dist/fhir/search-values.js';
import { withClient } from './connection.js';
import { CITIZEN, MOMENT, NAMED } from './templates.js';

/** Connections that make Consents at once. */
const PARTS = 2;

const TEMPLATES = [
  `create unlogged table bench_template
    (first integer, last integer, status text, rule text, content text, search text)`,
  'alter table bench_template alter content set storage plain, alter search set storage plain',
];
const ADD_TEMPLATE = 'insert into bench_template values ($1, $2, $3, $4, $5, $6)';
const FILL_PATIENTS = `
  insert into patient (id, version, recorded_at, deleted, content, search, patient_key, bsn_cipher)
  select id, 1, $1, false, $2, $3, patient_key, bsn_cipher from bench_citizen`;
const FILL_PATIENT_HISTORY = `
  insert into patient_history (id, version, recorded_at, method, content)
  select id, version, recorded_at, 'create', content from patient where recorded_at = $1`;
/** A text of a template as it is with a citizen: who they are, and whom they name. */
const own = (column) =>
  `replace(replace(replace(${column}, $2, one.id), '${NAMED.gp}', gp), '${NAMED.pharmacy}', pharmacy)`;
// The Consents of one citizen lie together, as who chooses writes them.
const FILL_CONSENTS = `
  insert into consent (patient_key, id, version, recorded_at, deleted, status, rule, content, search)
  select patient_key, gen_random_uuid()::text, 1, $1, false, status,
    ${own('rule')}::json, ${own('content')}::json, ${own('search')}::jsonb
  from bench_citizen as one
  cross join lateral (select * from bench_template where one.bucket between first and last offset 0) as template
  where index % ${PARTS} = $3`;
const FILL_HISTORY = `
  insert into consent_history (patient_key, id, version, recorded_at, method, status, rule, content)
  select patient_key, id, version, recorded_at, 'create', status, rule, content
  from consent where recorded_at = $1 and get_byte(patient_key, 0) % ${PARTS} = $2`;

/** One statement, by several connections at once: `$n`, behind these values, is the part of each. */
function inParts(url, statement, values) {
  const parts = Array.from({ length: PARTS }, (_, part) => part);
  return Promise.all(parts.map((part) => withClient(url, (client) => client.query(statement, [...values, part]))));
}

/** The Patients and Consents of the citizens in `bench_citizen`, with their histories. */
export async function fillConsents(client, url, { conformance, templates }) {
  for (const statement of TEMPLATES) await client.query(statement);
  for (const { buckets, status, rule, content, search } of templates) {
    const texts = [rule, content, search].map((value) => JSON.stringify(value));
    await client.query(ADD_TEMPLATE, [...buckets, status, ...texts]);
  }
  const identifier = [{ system: BSN_SYSTEM }];
  const patient = { resourceType: 'Patient', meta: { profile: [PATIENT_PROFILE] }, identifier };
  await client.query(FILL_PATIENTS, [MOMENT, patient, searchValues(conformance, patient)]);
  await client.query(FILL_PATIENT_HISTORY, [MOMENT]);
  await inParts(url, FILL_CONSENTS, [MOMENT, CITIZEN]);
  await inParts(url, FILL_HISTORY, [MOMENT]);
  await client.query('drop table bench_template');
}
