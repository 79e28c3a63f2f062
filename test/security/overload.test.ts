import { request } from 'node:http';
import { verdict } from '../http/answers.ts';
import { holdTurn } from '../http/hold-turn.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { migrated, migrateLines, patientOf } from '../http/migrating.ts';
import { type OpenMigration, openMigration } from '../http/open-migration.ts';
import { freshBsn, freshUra, GP, KARIM } from '../http/people.ts';
import { batchOf, choice, question, questionOf } from '../http/questions.ts';
import { organization } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer({
  door: {
    work: {
      places: { urgent: 16, emergency: 4, prompt: 3, ordinary: 2, bulk: 1 },
      waiting: 2,
      patience: 500,
      streams: 3,
    },
  },
});

const choose = (bsn: string) => server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
const check = () => server().fhir('/Consent/$check', { as: 'gp', body: question(KARIM) });
const search = (headers: Readonly<Record<string, string>> = {}) =>
  server().fhir(`/Organization?identifier=${GP}`, { as: 'gp', headers });
const NOBODY = ['urgent', 'emergency', 'prompt', 'ordinary', 'bulk'].flatMap((lane) => [
  `${lane} working 0`,
  `${lane} waiting 0`,
]);

/** What the metrics say of each lane. */
async function lanes(): Promise<string[]> {
  const { body } = await server().ask<string>('/metrics');
  const found = body.matchAll(/^akkoord_requests_in_lane\{lane="(\w+)",state="(\w+)"\} (\d+)$/gm);
  return [...found].map(([, lane, state, count]) => `${lane ?? ''} ${state ?? ''} ${count ?? ''}`);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

describe('while all places but the first are taken by requests that wait for a citizen', () => {
  it('a question is answered, what may wait waits its time and is sent away, and all of it is in the log', async () => {
    const bsn = freshBsn();
    const citizen = await holdTurn(server(), bsn);
    const choices = [choose(bsn), choose(bsn), choose(bsn)];
    await citizen.awaited(3);
    for (let round = 0; round < 20; round += 1) expect(verdict(await check())).toBe('200');
    const { id, headers } = namedRequest();
    const refused = await search(headers);
    expect([verdict(refused), refused.headers.get('retry-after')]).toEqual(['503 too-busy', '1']);
    expect(
      (await logged(server(), id)).map(({ client, outcome, detail }) => [client, outcome, detail.problem]),
    ).toEqual([['gp', '8', 'too-busy']]);
    await citizen.end();
    expect((await Promise.all(choices)).map(verdict)).toEqual(['200', '200', '200']);
    expect(verdict(await search())).toBe('200');
    expect(await lanes()).toEqual(NOBODY);
  });

  it('who finds too many waiting is sent away at once, with a question too when it is many in one', async () => {
    const bsn = freshBsn();
    const citizen = await holdTurn(server(), bsn);
    const choices = [choose(bsn), choose(bsn), choose(bsn)];
    await citizen.awaited(3);
    const many = () =>
      server().fhir('/Consent/$check', { as: 'gp', body: batchOf(Array(100).fill(questionOf(KARIM))) });
    const waiting = [many(), many()];
    await until(async () => (await lanes()).includes('bulk waiting 2'));
    expect(verdict(await many())).toBe('503 too-busy');
    expect(verdict(await check())).toBe('200');
    await citizen.end();
    await Promise.all([...choices, ...waiting]);
    expect((await many()).status).toBe(200);
    expect(await lanes()).toEqual(NOBODY);
  });

  it('who goes away while waiting takes no place', async () => {
    const bsn = freshBsn();
    const citizen = await holdTurn(server(), bsn);
    const choices = [choose(bsn), choose(bsn), choose(bsn)];
    await citizen.awaited(3);
    const ura = freshUra();
    const created = request(`${server().baseUrl}/fhir/Organization`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${await server().token('admin')}`, 'Content-Type': 'application/fhir+json' },
    }).on('error', () => undefined);
    created.end(JSON.stringify(organization(ura)));
    await until(async () => (await lanes()).includes('ordinary waiting 1'));
    created.destroy();
    await until(async () => (await lanes()).includes('ordinary waiting 0'));
    await citizen.end();
    await Promise.all(choices);
    const found = await server().fhir<{ total?: number }>(`/Organization?identifier=${ura}&_total=accurate`, {
      as: 'gp',
    });
    expect(found.body.total).toBe(0);
    expect(await lanes()).toEqual(NOBODY);
  });
});

describe('a migration that arrives as lines', () => {
  const line = (bsn: string) => `${JSON.stringify(migrated(bsn, { permit: ['RPZAC005'] }))}\n`;
  const statusesOf = async (migration: OpenMigration, count: number) =>
    (await migration.entries(count)).map(({ response }) => response?.status);

  it('takes its place chunk by chunk, waits as long as it must, and leaves none taken', async () => {
    const [slow, quick, next] = [await patientOf(server()), await patientOf(server()), await patientOf(server())];
    const one = await openMigration(server());
    const other = await openMigration(server());
    await other.send(line(quick));
    expect(await statusesOf(other, 1)).toEqual(['201']);
    // Both go on, and neither has a place while nothing comes of it.
    expect((await lanes()).slice(-2)).toEqual(['bulk working 0', 'bulk waiting 0']);
    const citizen = await holdTurn(server(), slow);
    await one.send(line(slow));
    await citizen.awaited(1);
    await other.send(line(next));
    await until(async () => (await lanes()).includes('bulk waiting 1'));
    // Longer than anyone else may wait.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(verdict(await check())).toBe('200');
    await citizen.end();
    expect([await statusesOf(one, 1), await statusesOf(other, 2)]).toEqual([['201'], ['201', '201']]);
    await Promise.all([one.end(), other.end()]);
    expect(await lanes()).toEqual(NOBODY);
  });

  it('is one of a few; when one ends, or its sender goes, there is room for another', async () => {
    const bsn = await patientOf(server());
    const open = await Promise.all([openMigration(server()), openMigration(server()), openMigration(server())]);
    for (const migration of open) expect((await migration.response).statusCode).toBe(200);
    expect(verdict(await migrateLines(server(), line(bsn)))).toBe('503 too-busy');
    open[0].leave();
    const again = async () => verdict(await migrateLines(server(), line(bsn)));
    await until(async () => (await again()) === '200');
    await Promise.all([open[1].end(), open[2].end()]);
    expect([await again(), await again()]).toEqual(['200', '200']);
    expect(await lanes()).toEqual(NOBODY);
  });
});
