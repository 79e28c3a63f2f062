import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { once } from 'node:events';
import { isBsn } from '../../src/fhir/identifiers.ts';
import { SANDBOX_CITIZENS } from '../../src/sandbox/people.ts';
import { migrated } from '../http/migrating.ts';
import { tokenIn } from '../start/ask.ts';
import { buildServer } from '../start/built-server.ts';
import { embeddedUrl, query } from '../start/faults.ts';
import { type RunningServer, startServer, stopServer } from '../start/running-server.ts';
import { type AnsweredItem, streamMigration } from '../start/stream-migration.ts';
import { type ManyPatient, patientsWith, subscribeMany } from '../start/subscribe-many.ts';

// `npm run bench:migrate`: see README.md in this folder.

const { values: options } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    'kill-at': { type: 'string', default: '40000' },
  },
});
const ITEMS = Number(options.items);
const SAMPLE_MS = 1000;

const home = mkdtempSync(join(tmpdir(), 'akkoord-migrate-'));
const dataDir = join(home, 'data');
const print = (line: object): void => console.log(JSON.stringify(line));
const round = (value: number): number => Math.round(value * 10) / 10;

/** Whoever is told of a change takes it: notifications are part of what a migration costs. */
async function openReceiver(): Promise<{ readonly endpoint: string; readonly close: () => void }> {
  let received = 0;
  const http = createServer((request, response) => {
    received += 1;
    request.resume().once('end', () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  const close = (): void => {
    print({ name: 'notifications', received });
    http.close();
    http.closeAllConnections();
  };
  return { endpoint: `http://127.0.0.1:${port}/`, close };
}

/** The numbers that nobody has are few: everybody after them has a key of their own and is named by the Patient’s id. */
async function drawPatients(): Promise<readonly ManyPatient[]> {
  const taken = new Set(SANDBOX_CITIZENS.map(({ bsn }) => bsn));
  const numbers = Array.from({ length: 100_000 }, (_, index) => String(999_900_000 + index));
  const bsns = numbers.filter((text) => isBsn(text) && !taken.has(text)).slice(0, ITEMS);
  const others = Array.from({ length: ITEMS - bsns.length }, (_, at) => ({
    bsn: bsns[at % bsns.length] ?? '',
    patientKey: randomBytes(32),
    id: randomUUID(),
  }));
  return [...(await patientsWith(dataDir, bsns)), ...others];
}

function* linesOf(patients: readonly ManyPatient[], holder: string): Generator<string> {
  const numbered = new Set<string>();
  for (const { bsn, id } of patients) {
    const reference = `Patient/${id}`;
    const named = numbered.has(bsn) ? { patient: { reference }, performer: [{ reference }] } : {};
    numbered.add(bsn);
    yield `${JSON.stringify(migrated(bsn, { permit: ['RPZAC001'], deny: ['RPZAC104'] }, named, holder))}\n`;
  }
}

/** Resident memory of a process in MB. Source: proc(5). */
function residentMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

interface Run {
  readonly ended: boolean;
  readonly codes: ReadonlyMap<string, string>;
}

/** Sends everything as the holder; kills the server after so many answers. */
async function run(
  name: string,
  server: RunningServer,
  [client, holder]: readonly [client: string, ura: string],
  patients: readonly ManyPatient[],
  killAt = Infinity,
): Promise<Run> {
  const codes = new Map<string, string>();
  const counts: Record<string, number> = {};
  const memory: { readonly items: number; readonly mb: number }[] = [];
  const began = performance.now();
  const sampling = setInterval(() => memory.push({ items: codes.size, mb: residentMb(server.child.pid) }), SAMPLE_MS);
  const take = ({ status, code, location }: AnsweredItem, count: number): void => {
    codes.set(location === '' ? `${status} ${count}` : location, code);
    counts[code] = (counts[code] ?? 0) + 1;
    if (count !== killAt) return;
    clearInterval(sampling);
    server.child.kill('SIGKILL');
  };
  const token = await tokenIn(dataDir, client);
  const ended = await streamMigration(server.baseUrl, token, linesOf(patients, holder), take);
  clearInterval(sampling);
  const seconds = (performance.now() - began) / 1000;
  const peak = Math.max(...memory.map(({ mb }) => mb));
  const tenths = Array.from({ length: 10 }, (_, at) =>
    memory.filter(({ items }) => Math.floor((items / ITEMS) * 10) === at),
  );
  const rss = tenths.map((part) => (part.length === 0 ? null : round(Math.max(...part.map(({ mb }) => mb)))));
  print({
    name,
    items: codes.size,
    counts,
    ended,
    seconds: round(seconds),
    perSecond: Math.round(codes.size / seconds),
  });
  print({ name: `${name}, resident MB of the server by tenth of the items`, peak: round(peak), rss });
  return { ended, codes };
}

const STORED = `
  select count(*)::integer as consents, count(distinct patient_key)::integer as citizens, max(version) as versions,
    (select count(*) from consent_history where rule ->> 'holder' = $1 and rule ->> 'authority' = 'migrated')::integer as history,
    (select count(*) from audit_event
     where detail ->> 'migration' = 'created' and detail ->> 'ura' = substr($1, 3))::integer as logged
  from consent where rule ->> 'holder' = $1 and rule ->> 'authority' = 'migrated'`;

async function verify(name: string, holder: string, lost: number): Promise<void> {
  const [stored] = await query<Record<string, number>>(dataDir, STORED, [`o:${holder}`]);
  const { consents, citizens, versions, history, logged } = stored ?? {};
  const isRight =
    [consents, citizens, history, logged].every((count) => count === ITEMS) && versions === 1 && lost === 0;
  print({ name, ...stored, lost, noDouble: history === consents, noneMissing: citizens === ITEMS, ok: isRight });
  if (!isRight) process.exitCode = 1;
}

async function killedInTheMiddle(server: RunningServer, patients: readonly ManyPatient[]): Promise<RunningServer> {
  const hospital = ['hospital', '00005098'] as const;
  const killed = await run('killed in the middle', server, hospital, patients, Number(options['kill-at']));
  await server.ended;
  const next = await startServer({ DATA_DIR: dataDir });
  const again = await run('sent again', next, hospital, patients);
  const acknowledged = [...killed.codes].filter(([, code]) => code === 'created').map(([location]) => location);
  await verify(
    'killed and sent again',
    hospital[1],
    acknowledged.filter((one) => again.codes.get(one) !== 'unchanged').length,
  );
  return next;
}

async function main(): Promise<void> {
  await buildServer();
  let server = await startServer({ DATA_DIR: dataDir });
  const receiver = await openReceiver();
  try {
    const patients = await drawPatients();
    for (const ura of ['00000659', '00005098']) {
      await subscribeMany(await embeddedUrl(dataDir), dataDir, patients, { ura, endpoint: receiver.endpoint });
    }
    await run('one call', server, ['gp', '00000659'], patients);
    await verify('one call', '00000659', 0);
    server = await killedInTheMiddle(server, patients);
  } finally {
    receiver.close();
    await stopServer(server);
    rmSync(home, { recursive: true, force: true });
  }
}

await main();
