import { gzipSync } from 'node:zlib';
import type { Bundle } from '@medplum/fhirtypes';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { decided } from './family.ts';
import { logged, namedRequest } from './ledger.ts';
import { lines, migrated, migrateLines, outcomesOf, patientOf } from './migrating.ts';
import { openMigration } from './open-migration.ts';
import { freshBsn } from './people.ts';
import { rawRequest } from './raw-request.ts';

const server = useTestServer();
const NDJSON = { 'Content-Type': 'application/fhir+ndjson' };

const patients = (count: number) => Promise.all(Array.from({ length: count }, () => patientOf(server())));
const item = (bsn: string) => migrated(bsn, { permit: ['RPZAC005'] });
const line = (bsn: string) => JSON.stringify(item(bsn));

/** Sends bytes as they are. */
async function send(body: string | Buffer, headers: Record<string, string> = {}) {
  const authorization = { Authorization: `Bearer ${await server().token('gp')}` };
  const answer = await rawRequest(server().baseUrl, '/fhir/Consent/$migrate', {
    method: 'POST',
    headers: { ...authorization, ...NDJSON, ...headers },
    body,
  });
  const text = JSON.parse(answer.text) as Bundle;
  return { status: answer.status, headers: new Headers(), body: text };
}

describe('lines', () => {
  it('may be empty, end in CRLF, begin with a byte order mark, and the last may have no end', async () => {
    const [one = '', two = '', three = ''] = await patients(3);
    const body = `\uFEFF${line(one)}\r\n\r\n  \n\n${line(two)}\n${line(three)}`;
    expect(outcomesOf(await migrateLines(server(), body))).toEqual(['201 created', '201 created', '201 created']);
  });

  it.each(['', '\n', '\r\n\n  \n'])('may be none at all: %j', async (body) => {
    expect((await migrateLines(server(), body)).body).toEqual({ resourceType: 'Bundle', type: 'batch-response' });
  });

  it('that are broken break only themselves', async () => {
    const [one = '', two = '', three = '', four = ''] = await patients(4);
    const broken = Buffer.from(line(two)).fill(0xff, 20, 22);
    const parts = [
      `${line(one)}\n`,
      '{"resourceType":\n',
      `"${'x'.repeat(70_000)}"\n`,
      broken,
      `\n${line(three)}\n`,
      '{"a":1,"a":2}\n[]\n7\n',
      line(four),
    ];
    const { id, headers } = namedRequest();
    expect(outcomesOf(await send(Buffer.concat(parts.map((part) => Buffer.from(part))), headers))).toEqual([
      '201 created',
      '400 json-syntax',
      '413 line-too-long',
      '400 not-utf-8',
      '201 created',
      '400 json-duplicate-key',
      '400 resource-type',
      '400 resource-type',
      '201 created',
    ]);
    const records = (await logged(server(), id)).map(({ outcome }) => outcome);
    expect(records.sort()).toEqual(['0', '0', '0', '0', '4', '4', '4', '4', '4', '4']);
  });

  it('may be as long as 64 kB', async () => {
    const [bsn = ''] = await patients(1);
    const padding = ' '.repeat(64 * 1024 - Buffer.byteLength(line(bsn)));
    expect(outcomesOf(await migrateLines(server(), `${line(bsn)}${padding}\n${line(bsn)}${padding} \n`))).toEqual([
      '201 created',
      '413 line-too-long',
    ]);
  });

  it('may come compressed', async () => {
    const bsns = await patients(2);
    const answer = await send(gzipSync(lines(bsns.map(item))), { 'Content-Encoding': 'gzip' });
    expect(outcomesOf(answer)).toEqual(['201 created', '201 created']);
  });

  it('that cannot be decompressed to their end are told so, after what could', async () => {
    const answer = await send(Buffer.from('not compressed'), { 'Content-Encoding': 'gzip' });
    expect(outcomesOf(answer)).toEqual(['400 body-unreadable']);
  });

  it.each([
    [{ 'Content-Encoding': 'zstd' }, '415 encoding-unsupported'],
    [{ 'Content-Type': 'application/fhir+ndjson; charset=latin1' }, '415 charset-unsupported'],
    [{ 'Content-Type': 'text/csv' }, '415 media-type-unsupported'],
  ])('in another form are refused: %j', async (headers, expected) => {
    expect(verdict(await send(line(freshBsn()), headers))).toBe(expected);
  });

  it('without end are read by nobody who may not', async () => {
    const answer = await rawRequest(server().baseUrl, '/fhir/Consent/$migrate', {
      method: 'POST',
      headers: { ...NDJSON, 'Content-Length': '1000000000' },
      body: '{}\n',
    });
    expect(answer.status).toBe(401);
  });

  it.each(['/Consent', '/Consent/_search', '/Consent/$choose', '/'])(
    'are for migration only: not for %s',
    async (path) => {
      const answer = await server().fhir(path, {
        as: `citizen:${freshBsn()}`,
        method: 'POST',
        headers: NDJSON,
        body: '{}',
      });
      expect(verdict(answer)).toBe('415 media-type-unsupported');
    },
  );
});

describe('a long migration', () => {
  it('is answered while it is sent: entries leave as their items are committed', async () => {
    const bsns = await patients(3);
    const migration = await openMigration(server());
    for (const [at, bsn] of bsns.entries()) {
      await migration.send(`${line(bsn)}\n`);
      expect((await migration.entries(at + 1)).map(({ response }) => response?.status)).toEqual(
        Array(at + 1).fill('201'),
      );
      expect(await decided(server(), bsn)).toBe('permit consent-given');
    }
    const text = await migration.end();
    expect((JSON.parse(text) as Bundle).entry?.length).toBe(3);
  });

  it('keeps order and number over many chunks', async () => {
    const bsns = await patients(40);
    const items = Array.from({ length: 400 }, (_, at) => (at % 7 === 3 ? 'broken' : item(bsns[at % 40] ?? '')));
    const outcomes = outcomesOf(await migrateLines(server(), lines(items)));
    const expected = items.map((one, at) => {
      if (one === 'broken') return '400 json-syntax';
      const isFirst = items.findIndex((other, before) => other !== 'broken' && before % 40 === at % 40) === at;
      return isFirst ? '201 created' : '200 unchanged';
    });
    expect(outcomes).toEqual(expected);
  });

  it('is told in the log, without anybody’s number, and in the metrics', async () => {
    const bsns = await patients(1);
    const items = Array.from({ length: 10_050 }, () => 'x');
    expect(outcomesOf(await migrateLines(server(), lines([...items, ...bsns.map(item)]))).length).toBe(10_051);
    const told = server().logged.filter((one) => one.includes('"migration"'));
    expect(told.map((one) => Object.keys((JSON.parse(one) as { detail: object }).detail))).toEqual([
      ['requestId', 'items'],
    ]);
    const metrics = await (await fetch(`${server().baseUrl}/metrics`)).text();
    expect(metrics).toMatch(/akkoord_migrated_items_total\{outcome="created"\} \d+/);
    expect(metrics).toMatch(/akkoord_migrated_items_total\{outcome="malformed"\} \d+/);
  });

  it('stops when the caller goes away, and what was answered stands', async () => {
    const [bsn = '', cut = ''] = await patients(2);
    const { id, headers } = namedRequest();
    const migration = await openMigration(server(), headers);
    await migration.send(`${line(bsn)}\n`);
    await migration.entries(1);
    await migration.send(line(cut).slice(0, -1));
    migration.leave();
    const closed = () => server().logged.some((one) => one.includes(id) && one.includes('"request"'));
    await waitUntil(() => Promise.resolve(closed()), LIMIT_MS);
    expect(await decided(server(), bsn)).toBe('permit consent-given');
    expect(await decided(server(), cut)).toBe('deny no-consent');
    expect((await logged(server(), id)).filter(({ outcome }) => outcome === '0').length).toBe(2);
  });
});
