import { LIMIT_MS } from '../setup/test-database.ts';
import { migrated } from '../http/migrating.ts';
import { tokenIn } from '../start/ask.ts';
import { buildServer } from '../start/built-server.ts';
import { newFolder, removeFolders } from '../start/data-folders.ts';
import { embeddedUrl, query } from '../start/faults.ts';
import { madeUpBsns } from '../start/ledger.ts';
import { type RunningServer, start, stopAll } from '../start/running-server.ts';
import { type AnsweredItem, streamMigration } from '../start/stream-migration.ts';
import { patientsWith, subscribeMany } from '../start/subscribe-many.ts';

const ITEMS = 2000;
const GP = '00000659';
/** After so many answered items the server is killed, once in each run. */
const KILLS = [300, 1100];

const dataDir = newFolder();
const bsns = madeUpBsns(ITEMS);
let server: RunningServer;

beforeAll(async () => {
  await buildServer();
  server = await start({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
  const patients = await patientsWith(dataDir, bsns);
  const endpoint = `${server.baseUrl}/sandbox/notifications/${GP}`;
  await subscribeMany(await embeddedUrl(dataDir), dataDir, patients, { ura: GP, endpoint });
}, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
}, LIMIT_MS);

function* lines(): Generator<string> {
  for (const bsn of bsns) yield `${JSON.stringify(migrated(bsn, { permit: ['RPZAC005'], deny: ['RPZAC104'] }))}\n`;
}

/** Sends everything, and kills the server after so many answers. */
async function run(killAt?: number): Promise<readonly AnsweredItem[]> {
  const items: AnsweredItem[] = [];
  const token = await tokenIn(dataDir, 'gp');
  const ended = await streamMigration(server.baseUrl, token, lines(), (item, count) => {
    items.push(item);
    if (count === killAt) server.child.kill('SIGKILL');
  });
  expect(ended).toBe(killAt === undefined);
  return items;
}

const STORED = `
  select count(*)::integer as consents, count(distinct patient_key)::integer as citizens, max(version) as versions,
    (select count(*) from consent_history where rule ->> 'authority' = 'migrated')::integer as history,
    (select count(*) from migrated_consent)::integer as remembered,
    (select count(*) from audit_event where detail ->> 'migration' = 'created')::integer as logged,
    (select count(*) from provenance where way = 'migration')::integer as provenances
  from consent where rule ->> 'authority' = 'migrated'`;

describe('a migration that is killed in the middle', () => {
  it(
    'and sent again until it is through leaves no item double and none missing',
    async () => {
      const created: AnsweredItem[] = [];
      for (const killAt of KILLS) {
        const answered = await run(killAt);
        created.push(...answered.filter(({ code }) => code === 'created'));
        await server.ended;
        server = await start({ DATA_DIR: dataDir, LOG_LEVEL: 'info' });
      }
      expect(created.length).toBeGreaterThan(0);
      const items = await run();
      expect(items.length).toBe(ITEMS);
      expect(new Set(items.map(({ code }) => code))).toEqual(new Set(['created', 'unchanged']));
      const places = new Map(items.map(({ location, code }) => [location, code]));
      expect(places.size).toBe(ITEMS);
      for (const { location } of created) expect(places.get(location)).toBe('unchanged');
      const all = { consents: ITEMS, citizens: ITEMS, history: ITEMS, remembered: ITEMS, logged: ITEMS };
      expect(await query(dataDir, STORED)).toEqual([{ ...all, versions: 1, provenances: ITEMS }]);
    },
    LIMIT_MS * 2,
  );
});
