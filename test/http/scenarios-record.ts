import { randomUUID } from 'node:crypto';
import type { Bundle, Consent } from '@medplum/fhirtypes';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Place } from '../../src/decision/consent-profile.ts';
import { placeText, type PlaceText, type StoredRule } from '../../src/decision/stored-rule.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { validate } from '../../src/fhir/validate.ts';
import { SANDBOX_CLIENTS } from '../../src/sandbox/people.ts';
import { insertConsent } from '../../src/storage/consent.ts';
import type { RecordedAnswer, RecordedGrant, Step } from '../decision/case.ts';
import type { TestServer } from '../setup/test-server.ts';
import { codesOf } from './answers.ts';
import { locationsOf, migrate, migrated, outcomesOf } from './migrating.ts';
import { refused } from './refusal.ts';
import { chooseParameters } from './scenarios-parameters.ts';
import { subscribe, unsubscribe } from './subscriptions.ts';

/** The consents that carry a name in a case, by id. */
export type CalledConsents = ReadonlyMap<string, string>;

const FIRST_STEP = Date.parse('2026-01-05T09:00:00Z');
const MINUTE = 60_000;
const SEVENTY_TWO_HOURS = 72 * 60 * MINUTE;

/** Makes a choice as the citizen, or as the provider that records it with them, and returns the Consents that count now, each of which must satisfy our own profile. */
export async function choose(
  server: TestServer,
  bsn: string,
  choice: Extract<Step, { choose: unknown }>['choose'],
): Promise<readonly Consent[]> {
  const body = chooseParameters(bsn, choice);
  const as = choice.by ?? `citizen:${bsn}`;
  const answer = await server.fhir<Bundle<Consent>>('/Consent/$choose', { as, body });
  expect(answer).toMatchObject({ status: 200, body: { resourceType: 'Bundle', type: 'searchset' } });
  const consents = (answer.body.entry ?? []).flatMap(({ resource }) => resource ?? []);
  for (const consent of consents) expect(validate(server.server.register.conformance, 'Consent', consent)).toEqual([]);
  return consents;
}

/** Applies the steps of a case: through the door, and what no door makes at a given moment straight into the register. */
export async function applyGiven(server: TestServer, bsn: string, given: readonly Step[]): Promise<CalledConsents> {
  const called = new Map<string, string>();
  for (const [index, step] of given.entries()) {
    if ('subscribed' in step) await subscribe(server, bsn, uraOf(step.subscribed));
    else if ('unsubscribed' in step) await unsubscribe(server, bsn, uraOf(step.unsubscribed));
    else if ('choose' in step) await chooseOrBeRefused(server, bsn, step);
    else if (isBrought(step)) for (const id of await bring(server, bsn, step)) called.set(id, step.called);
    else if ('called' in step) {
      called.set(await record(server, bsn, step, FIRST_STEP + index * MINUTE), step.called);
    } else throw new Error('a server keeps its catalogue');
  }
  return called;
}

async function chooseOrBeRefused(
  server: TestServer,
  bsn: string,
  { choose: choice, refused: code }: Extract<Step, { choose: unknown }>,
): Promise<void> {
  if (code === undefined) {
    await choose(server, bsn, choice);
    return;
  }
  const call = { as: choice.by ?? `citizen:${bsn}`, body: chooseParameters(bsn, choice) };
  const answer = await refused(server, '/Consent/$choose', call);
  expect([answer.status, ...codesOf(answer)]).toEqual([403, code]);
}

type Brought = Extract<Step, { answer: unknown }>;

/**
 * An answer about one organisation that this organisation brought along: that goes through the door, unless it is said what
 * a parent has made of it since.
 */
function isBrought(step: Step): step is Brought {
  if (!('answer' in step) || step.answer.origin !== 'migration') return false;
  return step.answer.holder !== undefined && step.answer.confirmation === undefined;
}

/** The id of the Consent that was migrated, if one was. */
async function bring(server: TestServer, bsn: string, { answer, skipped }: Brought): Promise<string[]> {
  const { holder = '', requesterCategory, requester, decision } = answer;
  await subscribe(server, bsn, holder);
  const client = SANDBOX_CLIENTS.find(({ organization }) => organization?.ura === holder)?.id ?? '';
  const item = migrated(bsn, { [decision]: [requesterCategory ?? requester ?? ''] }, {}, holder);
  const outcome = await migrate(server, [item], client);
  expect(outcomesOf(outcome)).toEqual([skipped === true ? '200 skipped-citizen-decided' : '201 created']);
  return locationsOf(outcome).flatMap((location) => (location === '' ? [] : [location.split('/')[1] ?? '']));
}

function uraOf(client: string): string {
  return SANDBOX_CLIENTS.find(({ id }) => id === client)?.organization?.ura ?? '';
}

async function record(
  { server }: TestServer,
  bsn: string,
  step: Extract<Step, { called: string }>,
  recordedAt: number,
): Promise<string> {
  const { database, vault, catalogue } = server.register;
  const patientKey = vault.keyOf(bsn);
  const content = consentOf({
    status: 'active',
    patient: 'Patient/somebody',
    performer: 'Patient/somebody',
    holder: 'answer' in step ? holderOf(step.answer) : { kind: 'category', code: 'HA' },
    category: 'answer' in step ? categoryOf(catalogue, step.answer) : 'GGC002',
    answers: [],
    dateTime: recordedAt,
    origin: 'portal',
    catalogueVersion: catalogue.version,
  });
  const { status, rule } = standing(catalogue, step);
  const version = { id: randomUUID(), recordedAt, content, search: {}, patientKey, status, rule };
  return (await insertConsent(database, version)).id;
}

function standing(
  catalogue: Catalogue,
  step: Extract<Step, { called: string }>,
): { status: string; rule: object | null } {
  if ('unreadable' in step) return { status: 'active', rule: { v: 2 } };
  if ('grant' in step) return { status: 'active', rule: grantRule(step.grant) };
  const { confirmation } = step.answer;
  if (confirmation === 'rejected') return { status: 'rejected', rule: null };
  return { status: confirmation === 'waiting' ? 'proposed' : 'active', rule: answerRule(catalogue, step.answer) };
}

function answerRule(catalogue: Catalogue, answer: RecordedAnswer): StoredRule {
  const { decision, origin, confirmation, requesterCategory, requester } = answer;
  return {
    v: 1,
    holder: placeText(holderOf(answer)),
    category: categoryOf(catalogue, answer),
    authority: origin === 'migration' ? 'migrated' : 'citizen',
    pending: confirmation === 'waiting',
    answers: [[requesterCategory === undefined ? `o:${requester ?? ''}` : `c:${requesterCategory}`, decision]],
  };
}

/** The data category of the holder's row; an organisation that is registered nowhere is a GP practice in every case. */
function categoryOf({ holderCategories, organisationTypes }: Catalogue, answer: RecordedAnswer): string {
  const type = SANDBOX_CLIENTS.find(({ organization }) => organization?.ura === answer.holder)?.organization?.type;
  const row = answer.holderCategory ?? organisationTypes.get(type ?? 'Z3')?.holderCategory ?? '';
  return holderCategories.get(row)?.dataCategory ?? '';
}

function holderOf({ holderCategory, holder }: RecordedAnswer): Place {
  if (holderCategory !== undefined) return { kind: 'category', code: holderCategory };
  return { kind: 'organisation', ura: holder ?? '' };
}

function grantRule(grant: RecordedGrant): StoredRule {
  const start = Date.parse(grant.start);
  const end = grant.end === undefined ? start + SEVENTY_TWO_HOURS : Date.parse(grant.end);
  return {
    v: 1,
    holder: grant.holders === 'all' ? 'all' : grant.holders.map((ura): PlaceText => `o:${ura}`),
    category: grant.dataCategory,
    authority: 'citizen',
    pending: false,
    answers: [[`o:${grant.requester}`, 'permit']],
    grant: { start, end, agreed: grant.patientAgreed === 'agreed' },
  };
}
