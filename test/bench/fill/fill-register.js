import { readCatalogue } from '../../../dist/catalogue/read-catalogue.js';
import { BsnVault } from '../../../dist/consent/bsn-vault.js';
import { loadConformance } from '../../../dist/fhir/conformance.js';
import { newestCatalogue, readResources } from '../../../dist/read-resources.js';
import { CITIZEN_COLUMNS, citizenRows, drawAskable } from './citizens.js';
import { withClient } from './connection.js';
import { fillConsents } from './consents.js';
import { copyIn } from './copy-in.js';
import { decideAll, pairsBetween } from './expected.js';
import { dropIndexes } from './indexes.js';
import { fillOrganisations } from './organisations.js';
import { fillSubscriptions } from './subscriptions.js';
import { consentTemplates, NAMED } from './templates.js';

// Straight into the tables; keys, rules and resources are of the server's making. Citizens are copied in; what they have is made
// of them in the database, on several connections at once.

const CITIZENS = `
  create unlogged table bench_citizen (
    index bigint, bucket integer, askable boolean, patient_key bytea, bsn_cipher bytea, gp text, pharmacy text,
    id text default gen_random_uuid()::text)`;
const CONSENT_TABLES = ['patient', 'patient_history', 'consent', 'consent_history'];
const SUBSCRIPTION_TABLES = ['subscription', 'subscription_history'];
const AT_THE_END = [
  'drop table bench_citizen',
  'vacuum (analyze) organization, organization_history, client, holder_vault',
  'checkpoint',
];

const firstHalf = (list) => list.slice(0, list.length / 2);
const secondHalf = (list) => list.slice(list.length / 2);

/** What these tables hold, and then their indexes, on a connection of its own. */
function fillTables(url, tables, work) {
  return withClient(url, async (client) => {
    await client.query("set maintenance_work_mem = '512MB'");
    for (const table of tables) await client.query(`alter table ${table} set (autovacuum_enabled = false)`);
    const makeIndexes = await dropIndexes(client, tables);
    await work(client);
    await makeIndexes();
    for (const table of tables) await client.query(`alter table ${table} reset (autovacuum_enabled)`);
    await client.query(`vacuum (analyze) ${tables.join(', ')}`);
  });
}

async function readNames() {
  const terminology = await newestCatalogue();
  const profiles = await Promise.all([readResources('r4'), readResources('built')]);
  const conformance = loadConformance([...profiles.flat(), ...terminology]);
  return { catalogue: readCatalogue(terminology), conformance };
}

/** General practices and pharmacies that nobody asks about. */
function othersAmong(catalogue, organisations) {
  const of = (category) =>
    organisations
      .filter(({ type }) => catalogue.organisationTypes.get(type).holderCategory === category)
      .map(({ ura }) => ura);
  return { gps: of('HA'), pharmacies: of('APO') };
}

function shuffle(list) {
  return list
    .map((one) => [Math.random(), one])
    .sort(([one], [other]) => one - other)
    .map(([, one]) => one);
}

/**
 * Fills the register of a sandbox that has just started.
 * @param endpoint where holders are notified
 * @returns the citizens who can be asked about, in no order, pairs of organisations, and what is to be answered of which
 */
export async function fillRegister(url, { keys, citizens, organisations, endpoint }) {
  const { catalogue, conformance } = await readNames();
  const vaultOfBsn = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
  const askable = drawAskable(citizens);
  const { sandbox, made } = await withClient(url, async (client) => {
    const { rows } = await client.query('select id, ura, types from organization');
    const organised = await fillOrganisations(client, catalogue, conformance, organisations);
    const others = othersAmong(catalogue, secondHalf(organised));
    const rowsOfAll = citizenRows({ vault: vaultOfBsn, count: citizens, askable, named: { asked: NAMED, others } });
    await client.query(CITIZENS);
    await copyIn(client, `bench_citizen (${CITIZEN_COLUMNS})`, rowsOfAll);
    await client.query('analyze bench_citizen');
    return { sandbox: rows, made: organised };
  });
  const templates = consentTemplates(catalogue, conformance, sandbox);
  const gp = { ura: NAMED.gp, type: sandbox.find(({ ura }) => ura === NAMED.gp).types[0] };
  const inCare = made.filter(({ type }) => catalogue.organisationTypes.get(type).holderCategory !== undefined);
  const subscribing = { keys, conformance, holders: [gp, ...inCare], askable, endpoint, vaultOfBsn };
  await Promise.all([
    fillTables(url, CONSENT_TABLES, (client) => fillConsents(client, url, { conformance, templates })),
    fillTables(url, SUBSCRIPTION_TABLES, (client) => fillSubscriptions(client, subscribing)),
  ]);
  await withClient(url, async (client) => {
    for (const statement of AT_THE_END) await client.query(statement);
  });
  const pairs = pairsBetween(catalogue, sandbox, firstHalf(made));
  return {
    citizens: shuffle(askable.map(({ bsn, kind }) => ({ bsn, kind }))),
    pairs: pairs.map(({ holder, requester }) => [holder.ura, requester.ura]),
    decisions: decideAll(catalogue, templates, pairs),
  };
}
