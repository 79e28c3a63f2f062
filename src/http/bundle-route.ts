import { randomUUID } from 'node:crypto';
import type { Resource } from '@medplum/fhirtypes';
import { idempotentDesk } from '../consent/idempotent-desk.ts';
import { type Desk, inOneTransaction, openDesk, recordRefusal } from '../consent/perform.ts';
import { type BrokenEntry, type EntryRequest, isBroken, readBundle } from '../fhir/bundle.ts';
import { planTransaction } from '../fhir/transaction-plan.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import { rewriteReferences } from '../fhir/references.ts';
import { type EntryAnswer, responseBundle } from '../fhir/response-bundle.ts';
import { type Problem, problem, problemOf } from '../problem.ts';
import { answerFhir, type Asker } from './answer-fhir.ts';
import type { Exchange, FhirRequest, FhirResponse } from './fhir-exchange.ts';
import { namedEntry } from './named-request.ts';
import { STATUS } from './problem-status.ts';
import type { GuardedRoute, Route } from './route-table.ts';
import { matchEntries, matchReferences } from './transaction-matches.ts';

/**
 * `POST /`: a batch, of which each entry stands by itself, or a transaction, which happens as a whole or not at all.
 * Entries go through the same route table as requests of their own. https://hl7.org/fhir/R4/http.html#transaction
 */
export function bundleRoute(routes: () => readonly Route[]): GuardedRoute {
  return {
    method: 'POST',
    path: '/',
    target: 'batch',
    records: true,
    async handle(exchange) {
      const bundle = readBundle(exchange.request.json());
      const answers =
        bundle.type === 'batch'
          ? await answerBatch(exchange, routes(), bundle.entries)
          : await answerTransaction(exchange, routes(), bundle.entries);
      return { status: 200, resource: responseBundle(bundle.type, bundle.entries.length, answers) };
    },
  };
}

type Answers = ReadonlyMap<number, EntryAnswer>;

async function answerBatch(
  exchange: Exchange,
  routes: readonly Route[],
  entries: readonly (EntryRequest | BrokenEntry)[],
): Promise<Answers> {
  const { desk, caller, requestId, register } = exchange;
  await desk.run({ caller, requestId, target: 'batch' }, leaveRecord);
  const answers = new Map<number, EntryAnswer>();
  const inside = { ...exchange, desk: openDesk(register) };
  for (const entry of entries) {
    const answer = answerEntry(inside, routes, entry).catch((error: unknown) => refusalAnswer(problemOf(error)));
    answers.set(entry.index, await answer);
  }
  return answers;
}

async function answerEntry(
  exchange: Exchange,
  routes: readonly Route[],
  entry: EntryRequest | BrokenEntry,
): Promise<EntryAnswer> {
  const { register, caller, requestId } = exchange;
  try {
    if (isBroken(entry)) throw entry.problem;
    return entryAnswer(await answerFhir({ ...exchange, routes }, askerOf(exchange), namedIn(exchange, entry)));
  } catch (error) {
    throw await recordRefusal(register, { caller, requestId, target: 'unknown' }, error);
  }
}

async function answerTransaction(
  exchange: Exchange,
  routes: readonly Route[],
  entries: readonly EntryRequest[],
): Promise<Answers> {
  const { register, caller, requestId, named } = exchange;
  const access = { caller, requestId, target: 'transaction' } as const;
  const answers = await inOneTransaction(register, access, (desk) => {
    const whole = named === undefined ? desk : idempotentDesk(desk, named);
    return whole.run(access, async () => [...(await answerInOrder(exchange, routes, entries, desk))]);
  });
  return new Map(answers);
}

async function answerInOrder(
  exchange: Exchange,
  routes: readonly Route[],
  entries: readonly EntryRequest[],
  desk: Desk,
): Promise<Answers> {
  const asker: Asker = { ...askerOf(exchange), desk, isTransaction: true };
  const answers = new Map<number, EntryAnswer>();
  const conditions = await matchReferences(exchange, desk, entries);
  const plan = planTransaction(entries, randomUUID, await matchEntries(exchange, desk, entries));
  const references = new Map([...conditions, ...plan.references]);
  for (const entry of plan.order) {
    const body = rewriteReferences(entry.body, references, `Bundle.entry[${entry.index}].resource`);
    const newId = plan.ids.get(entry.index);
    const request = { ...requestOf(entry), json: () => body, ...(newId === undefined ? {} : { newId }) };
    answers.set(entry.index, entryAnswer(await answerFhir({ ...exchange, routes }, asker, request)));
  }
  return answers;
}

/** A Bundle is an access of its own, beside what its entries do. */
function leaveRecord(): Promise<void> {
  return Promise.resolve();
}

/** The Bundle has its turn; its entries are part of it. */
function askerOf({ caller, desk, requestId, isTransaction, turn }: Exchange): Asker {
  const identify = () => Promise.resolve(caller);
  return {
    desk,
    requestId,
    isTransaction,
    turn,
    identify,
    admit: (_caller, _target, work) => work(),
    onRoute: () => undefined,
  };
}

/** An entry of a batch that is to be done once is so itself: what failed in it may be tried again with the same key. */
function namedIn({ named }: Exchange, entry: EntryRequest): FhirRequest {
  const request = requestOf(entry);
  return named === undefined ? request : { ...request, named: namedEntry(named, entry) };
}

/** An entry as a request; a Bundle inside a Bundle is not one. */
function requestOf(entry: EntryRequest): FhirRequest {
  const { method, segments, query, headers, body } = entry;
  if (segments[0] === '_search' || segments.at(-1) === '_search') {
    throw problem('malformed', 'search-in-bundle', 'A search in a Bundle is a GET.', `Bundle.entry[${entry.index}]`);
  }
  return { method, segments, query, headers, json: () => body, form: () => [] };
}

function entryAnswer({ status, version, lastModified, location, resource }: FhirResponse): EntryAnswer {
  return {
    status,
    ...(location === undefined ? {} : { location }),
    ...(version === undefined ? {} : { etag: `W/"${version}"` }),
    ...(lastModified === undefined ? {} : { lastModified }),
    ...(resource === undefined ? {} : { resource: resource as Resource }),
  };
}

function refusalAnswer(refused: Problem): EntryAnswer {
  return { status: STATUS[refused.kind], outcome: operationOutcome(refused) };
}
