import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { type RecordedSpan, recordSpans } from '../setup/record-spans.ts';
import { useTestServer } from '../setup/test-server.ts';
import { lockTable } from './lock-table.ts';
import { until } from './mails.ts';
import { freshBsn, KARIM } from './people.ts';
import { choice, question } from './questions.ts';
import { scrape } from './scrape.ts';

const spans = recordSpans();
const server = useTestServer();

// What the sandbox begins with is sent to this server too.
beforeAll(() => until(async () => (await scrape(server())).get('akkoord_outbox_waiting{kind="notifications"}') === 0));

const check = (headers: Readonly<Record<string, string>> = {}) =>
  server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM), headers });

/** The spans that requests left, those first that came first. */
async function during(work: () => Promise<unknown>): Promise<readonly RecordedSpan[]> {
  const before = spans.length;
  await work();
  const made = () => spans.slice(before);
  await until(() => made().every(({ ended }) => ended > 0));
  return made();
}

const isRequest = ({ options }: RecordedSpan) => options.kind === SpanKind.SERVER;
const below = (all: readonly RecordedSpan[], span: RecordedSpan) =>
  all.filter(({ parent }) => parent?.spanId === span.spanContext().spanId);

interface Tree {
  readonly [name: string]: Tree;
}
function treeOf(all: readonly RecordedSpan[], span: RecordedSpan): Tree {
  return Object.fromEntries(below(all, span).map((child) => [child.name, treeOf(all, child)]));
}

describe('a request has a span', () => {
  it('that says what was asked in the words of the route table, and what came of it, and no more', async () => {
    const all = await during(() => check());
    const [request, ...others] = all.filter(isRequest);
    expect(others).toEqual([]);
    expect(request).toMatchObject({ name: 'Consent.check', parent: undefined, links: [], told: [], ended: 1 });
    expect(request?.status).toBeUndefined();
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'akkoord.target': 'Consent.check',
    });
  });

  it('below which lie what it shares with others, and its statements, without anything of what they say', async () => {
    const all = await during(() => check());
    const [request] = all.filter(isRequest);
    expect(request && treeOf(all, request)).toEqual({
      'find-clients': { 'find-clients': {} },
      judge: { 'read-for-decision': {}, 'append-audit-events': {} },
    });
    for (const { options, attributes } of all.filter((span) => !isRequest(span))) {
      expect(Object.keys({ ...options.attributes, ...attributes }).filter((name) => name !== 'akkoord.calls')).toEqual(
        [],
      );
    }
  });

  it('below which lies its transaction', async () => {
    const bsn = freshBsn();
    const body = choice(bsn, 'all');
    const all = await during(() => server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body }));
    const [request] = all.filter(isRequest);
    const names = Object.keys(request === undefined ? {} : treeOf(all, request));
    expect(names).toEqual(
      expect.arrayContaining(['begin', 'select', 'insert-provenance', 'append-audit-events', 'commit']),
    );
    expect(names).not.toContain('rollback');
  });

  it('whose name is none when it asks for nothing that there is', async () => {
    const all = await during(() => fetch(`${server().baseUrl}/nowhere/${KARIM}`, { method: 'PUT' }));
    expect(all.map(({ name, attributes }) => [name, attributes['http.response.status_code']])).toEqual([
      ['other', 404],
    ]);
  });
});

describe('a span has failed', () => {
  it('when it is our fault, without a word of why', async () => {
    const { database } = server().database;
    await database.query('alter table consent rename to lost');
    const all = await during(() => check());
    await database.query('alter table lost rename to consent');
    const failed = all.filter(({ status }) => status !== undefined);
    expect(failed.map(({ name, status }) => [name, status])).toEqual(
      ['Consent.check', 'judge', 'read-for-decision'].map((name) => [name, { code: SpanStatusCode.ERROR }]),
    );
    expect(all.flatMap(({ told }) => told)).toEqual([]);
  });

  it('not when it is the fault of who asks', async () => {
    const all = await during(() => server().fhir('/Consent/$check', { body: question(KARIM) }));
    expect(all.map(({ status }) => status).filter((status) => status !== undefined)).toEqual([]);
    expect(all.find(isRequest)?.attributes['http.response.status_code']).toBe(401);
  });
});

describe('the trace of a sender', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const spanId = '00f067aa0ba902b7';

  it('goes on, without anything else that the sender says of it', async () => {
    const traceparent = `00-${traceId}-${spanId}-01`;
    const all = await during(() => check({ traceparent, tracestate: `bsn=${KARIM}`, baggage: `bsn=${KARIM}` }));
    expect(new Set(all.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));
    expect(all.find(isRequest)?.parent?.spanId).toBe(spanId);
    expect(all.map(({ text }) => text).join('\n')).not.toContain(KARIM);
  });

  it('is not recorded when the sender does not record it and the SDK goes by that: nothing of it is', async () => {
    expect(await during(() => check({ traceparent: `00-${traceId}-${spanId}-00` }))).toEqual([]);
    expect(await during(() => check())).not.toEqual([]);
  });
});

it('what several calls share lies below the first of them and is linked to the others', async () => {
  const waiting = async () => (await scrape(server())).get('akkoord_calls_waiting{work="judge"}');
  const begun = async () => (await scrape(server())).get('akkoord_calls_together_count{work="judge"}') ?? 0;
  const all = await during(async () => {
    const unlock = await lockTable(server(), 'consent');
    const before = await begun();
    const first = check();
    await until(async () => (await begun()) > before);
    const others = Array.from({ length: 3 }, () => check());
    await until(async () => (await waiting()) === 3);
    await unlock();
    await Promise.all([first, ...others]);
  });
  const shared = all.filter(({ name }) => name === 'judge');
  expect(shared.map(({ attributes }) => attributes['akkoord.calls'])).toEqual([1, 3]);
  const askers = [shared[1]?.parent, ...(shared[1]?.links ?? []).map((link) => link.context)];
  const requests = all.filter(({ name }) => name === 'Consent.check').map((span) => span.spanContext().spanId);
  expect(askers.map((one) => requests.includes(one?.spanId ?? ''))).toEqual([true, true, true]);
  expect(new Set(askers.map((one) => one?.traceId)).size).toBe(3);
});
