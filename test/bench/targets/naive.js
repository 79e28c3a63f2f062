import process from 'node:process';
import express from 'express';
import { auditId } from '../../../dist/audit/record.js';
import { appendRecords } from '../../../dist/audit/append.js';
import { readCatalogue } from '../../../dist/catalogue/read-catalogue.js';
import { BsnVault } from '../../../dist/consent/bsn-vault.js';
import { partyOf } from '../../../dist/consent/check-parties.js';
import { checkRecords } from '../../../dist/consent/check-records.js';
import { knowledgeOf } from '../../../dist/consent/knowledge.js';
import { decide } from '../../../dist/decision/decide.js';
import { writeCheck } from '../../../dist/fhir/check-answer.js';
import { readCheck } from '../../../dist/fhir/check-parameters.js';
import { newestCatalogue } from '../../../dist/read-resources.js';
import { openSandboxKeys } from '../../../dist/sandbox/keys.js';
import { openDatabase } from '../../../dist/storage/database.js';

// The same $check as one writes it first: Express, and for each question three statements, one after the other, each committed by
// itself: the organisations, the consents, the audit record, which is on disk before the answer leaves. Nobody's token is
// verified, nothing is limited or logged, so that what it is compared with has the harder work. Decided by the same function.
const CALLER = { role: 'exchange', clientId: 'exchange' };
const ORGANIZATIONS = 'select ura, types from organization where ura = any($1::text[]) and not deleted';
const CONSENTS = `
  select patient_key, id, version, recorded_at, rule::text as rule from consent
  where patient_key = $1 and rule is not null and not deleted and status in ('active', 'proposed')`;

const keys = await openSandboxKeys(process.env.DATA_DIR);
const vault = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey);
const catalogue = readCatalogue(await newestCatalogue());
const database = await openDatabase(process.env.DATABASE_URL);

function consentOf({ patient_key: patientKey, id, version, recorded_at: recordedAt, rule }) {
  return { citizen: patientKey.toString('hex'), id, version, recordedAt, rule };
}

async function check(item, requestId) {
  const patientKey = vault.keyOf(item.bsn);
  const uras = [item.holder.ura, item.requester.ura];
  const { rows: organizations } = await database.query(ORGANIZATIONS, [uras], 'organizations');
  const { rows } = await database.query(CONSENTS, [patientKey], 'consents');
  const now = Date.now();
  const knowledge = knowledgeOf({ now, organizations, consents: rows.map(consentOf) });
  const [holder, requester] = [
    partyOf(knowledge, item.holder, 'holder'),
    partyOf(knowledge, item.requester, 'requester'),
  ];
  const question = { holder, requester, purpose: item.purpose, at: now };
  const decision = decide(catalogue, question, knowledge.profileOf(patientKey));
  const result = { decisions: [{ decisionId: auditId(now), evaluatedAt: now, holder, requester, decision }] };
  const judged = { admitted: { item, patientKey }, result };
  await appendRecords(database, checkRecords({ caller: CALLER, requestId }, judged, now));
  return result;
}

const app = express();
app.post('/naive', express.json({ type: () => true }), async (request, response) => {
  const call = readCheck(catalogue, request.body);
  const results = [await check(call.items[0], 'bench')];
  response.json(writeCheck(call, results, { reasons: true, outcomeOf: String }));
});
app.listen(Number(process.argv[2]), '127.0.0.1', () => process.send('ready'));
