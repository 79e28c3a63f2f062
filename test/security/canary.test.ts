import { trace } from '@opentelemetry/api';
import { findEverywhere, holdsTrace, type Traces } from '../http/every-column.ts';
import { until, useMails } from '../http/mails.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { recordSpans } from '../setup/record-spans.ts';
import { type Canary, letFly } from './canary-run.ts';

const spans = recordSpans();
const { server, smtp } = useMails();

let canary: Canary;

beforeAll(async () => {
  canary = await letFly(server(), smtp());
}, 3 * LIMIT_MS);

function traces(): Traces {
  const { bsn, name, email, tokens, assertion, privateKey, holderSecret } = canary;
  const others = { bsn, name, email, assertion, privateKey, holderSecret };
  return { ...others, ...Object.fromEntries(tokens.map((token, at) => [`token ${at}`, token])) };
}

/** Which of the traces these texts hold. */
function found(texts: readonly string[]): string[] {
  const text = texts.join('\n');
  return Object.entries(traces()).flatMap(([name, trace]) => (holdsTrace(text, trace) ? [name] : []));
}

/** The only places for each: the citizen's own Patient, and the reason that the citizen is shown. */
const ALLOWED = new Set([
  'patient.content: name',
  'patient.content: email',
  'patient.search: name',
  'patient_history.content: name',
  'patient_history.content: email',
  'consent.content: name',
  'consent_history.content: name',
  'provenance.reason: name',
]);

/** What PostgreSQL has written into its own log, all files of it. */
async function databaseLog(): Promise<string> {
  const { rows } = await server().database.database.query<{ text: string }>(
    "select pg_read_file(current_setting('log_directory') || '/' || name) as text from pg_ls_logdir()",
  );
  return rows.map(({ text }) => text).join('\n');
}

describe('a canary that flew through every door', () => {
  it('was answered and refused, everywhere', () => {
    expect(canary.refusals.length).toBeGreaterThan(200);
    expect(server().logged.length).toBeGreaterThan(500);
    expect(canary.tokens.length).toBeGreaterThan(8);
  });

  it('is in no line of the log', () => {
    expect(found(server().logged)).toEqual([]);
    expect(server().logged.join('\n')).not.toMatch(/Bearer|eyJ/);
  });

  it('is in no metric', async () => {
    const text = await (await fetch(`${server().baseUrl}/metrics`)).text();
    expect(text).toContain('akkoord_request_duration_seconds');
    expect(found([text])).toEqual([]);
  });

  it('is in no trace', () => {
    expect(spans.length).toBeGreaterThan(5000);
    expect(found(spans.map(({ text }) => text))).toEqual([]);
  });

  it('is in no refusal: neither body nor header', () => {
    expect(canary.refusals.filter((text) => found([text]).length > 0)).toEqual([]);
  });

  it('is in no mail, but for whom it is to', () => {
    const mails = smtp().mails.filter(({ to }) => to.includes(canary.email));
    expect(mails.length).toBeGreaterThanOrEqual(3);
    expect(found(mails.flatMap(({ text, headers: { subject = '' } }) => [subject, text]))).toEqual([]);
    for (const { headers } of mails) {
      const { to, ...others } = headers;
      expect(to).toBe(canary.email);
      expect(found([JSON.stringify(others)])).toEqual([]);
    }
  });

  it('is in no line that the database wrote', async () => {
    const text = await databaseLog();
    expect(text).toContain('database system is ready to accept connections');
    expect(found([text])).toEqual([]);
  });

  it('is in no table but in its own', async () => {
    const places = await findEverywhere(server(), traces());
    expect(places.filter((place) => !ALLOWED.has(place))).toEqual([]);
    expect(places).toEqual(expect.arrayContaining(['patient.content: name', 'patient.content: email']));
  });
});

describe('a canary that is planted', () => {
  it('is found in the log, a mail, a metric or a refusal', () => {
    for (const [name, trace] of Object.entries(traces())) {
      expect(found([...server().logged, JSON.stringify({ message: 'x', detail: { at: String(trace) } })])).toContain(
        name,
      );
      expect(found([`label="${Buffer.from(trace).toString('base64')}"`])).toContain(name);
    }
  });

  it('is found in a trace, wherever it is told', () => {
    const told = new Error(canary.name);
    const span = trace.getTracer('nest').startSpan('egg', { attributes: { bsn: canary.bsn } });
    span.addEvent('laid', { in: [canary.email] }).recordException(told);
    expect(found(spans.map(({ text }) => text))).toEqual(['bsn', 'name', 'email']);
  });

  it('is found in the log of the database', async () => {
    const { database } = server().database;
    await database.query(`do $$ begin raise log 'somebody called %', '${canary.bsn}'; end $$`);
    // A process of its own writes that log, in its own time.
    await until(async () => found([await databaseLog()]).includes('bsn'));
  });

  it('is found in any table', async () => {
    const { database } = server().database;
    await database.query('create table nest (id integer, egg jsonb)');
    await database.query('insert into nest values (1, $1)', [{ deep: [canary.tokens[0], canary.holderSecret] }]);
    const places = await findEverywhere(server(), traces());
    expect(places).toEqual(expect.arrayContaining(['nest.egg: holderSecret', 'nest.egg: token 0']));
    await database.query('drop table nest');
  });
});
