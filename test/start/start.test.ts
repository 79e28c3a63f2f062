import { LIMIT_MS } from '../setup/test-database.ts';
import { ask, organization, patient, tokenIn, valueOf } from './ask.ts';
import { buildServer } from './built-server.ts';
import { databaseIn, newFolder, removeFolders } from './data-folders.ts';
import { type RunningServer, run, sentence, start, stopAll, stopServer } from './running-server.ts';

// One folder for all, because a first start takes longest; each test finds a server running on it and leaves one.
const dataDir = newFolder();
const measured: string[] = [];
let server: RunningServer;

async function mayPharmacyAsk(bsn: string): Promise<unknown> {
  const question = [patient(bsn), organization('holder', '00000659'), organization('requester', '00014332')];
  return valueOf(await ask(server.baseUrl, 'check', await tokenIn(dataDir, 'gp'), question), 'decision');
}

beforeAll(async () => {
  await buildServer();
  server = await start({ DATA_DIR: dataDir });
  measured.push(`first start ${Math.round(server.readyAfter)} ms`);
}, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  removeFolders();
  process.stdout.write(`spawn to ready: ${measured.join(', ')}\n`);
}, LIMIT_MS);

describe('a first start in an empty folder', () => {
  it('prints where the server is', () => {
    expect(server.stdout()).toContain(`${server.baseUrl}/fhir`);
  });

  it(
    'prints a question that, pasted into a shell that knows nothing of the server, is answered with permit and its reason',
    async () => {
      const printed = server.stdout().slice(server.stdout().indexOf('\ncurl '));
      const curl = 'command -v curl >/dev/null || curl() { node test/start/curl.js "$@"; }';
      const { stdout, code } = await run(['bash', '-c', `${curl}\n${printed}`]);
      expect(code).toBe(0);
      const body = JSON.parse(stdout) as { parameter: object[] };
      expect(body.parameter).toContainEqual({ name: 'decision', valueCode: 'permit' });
      expect(body.parameter).toContainEqual({
        name: 'reason',
        valueCoding: expect.objectContaining({ code: 'consent-given' }) as object,
      });
    },
    LIMIT_MS,
  );
});

describe('a data folder in use', () => {
  it(
    'is refused to a second server in one sentence, and the first lives on',
    async () => {
      const second = await (await start({ DATA_DIR: dataDir })).ended;
      expect(second.code).toBe(1);
      expect(sentence(second)).toBe('Another server is using this data folder: stop it or set another DATA_DIR.');
      expect(second.stdout).toBe('');
      expect(await mayPharmacyAsk('900203638')).toBe('permit');
    },
    LIMIT_MS,
  );
});

describe('a server that is told to stop', () => {
  it(
    'ends with code 0, leaves no database process, and knows at the next start what was chosen before',
    async () => {
      expect(await mayPharmacyAsk('900186021')).toBe('deny');
      const choice = [patient('900186021'), { name: 'option', valueCode: 'all' }];
      const chosen = await ask(server.baseUrl, 'choose', await tokenIn(dataDir, 'citizen:900186021'), choice);
      expect(chosen.status).toBe(200);
      expect(await databaseIn(dataDir)).not.toEqual([]);

      expect((await stopServer(server)).code).toBe(0);
      expect(await databaseIn(dataDir)).toEqual([]);

      server = await start({ DATA_DIR: dataDir });
      measured.push(`second start ${Math.round(server.readyAfter)} ms`);
      expect(await mayPharmacyAsk('900186021')).toBe('permit');
    },
    LIMIT_MS,
  );

  it(
    'twice, as a terminal and npm do together, still leaves no database process',
    async () => {
      server.child.kill('SIGINT');
      const { code } = await stopServer(server, 'SIGINT');
      expect(code).toBe(0);
      expect(await databaseIn(dataDir)).toEqual([]);
      server = await start({ DATA_DIR: dataDir });
      expect(server.child.exitCode).toBeNull();
    },
    LIMIT_MS,
  );

  it(
    'before it is ready leaves no database process either',
    async () => {
      await stopServer(server);
      const until = async () => (await databaseIn(dataDir)).length > 0;
      const early = await start({ DATA_DIR: dataDir }, { until });
      expect(early.stdout()).toBe('');
      expect((await stopServer(early)).code).toBe(0);
      expect(await databaseIn(dataDir)).toEqual([]);
      server = await start({ DATA_DIR: dataDir });
      expect(server.child.exitCode).toBeNull();
    },
    LIMIT_MS,
  );
});
