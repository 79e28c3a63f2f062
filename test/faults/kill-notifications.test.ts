import { setTimeout as sleep } from 'node:timers/promises';
import { BsnVault } from '../../src/consent/bsn-vault.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { LIMIT_MS, useTestDatabase } from '../setup/test-database.ts';
import { ask, organization, patient, tokenIn, valueOf } from '../start/ask.ts';
import { buildServer } from '../start/built-server.ts';
import { newFolder, removeFolders } from '../start/data-folders.ts';
import { madeUpBsns } from '../start/ledger.ts';
import { freePort, stopAll } from '../start/running-server.ts';
import { upTo } from '../notifications/arrivals.ts';
import type { Told } from '../notifications/told.ts';
import { type Heard, openUnreliableReceiver, type UnreliableReceiver } from '../notifications/unreliable-receiver.ts';
import {
  HOLDERS,
  keepChoosing,
  KilledServer,
  pathOf,
  type Subscribed,
  subscribeHolder,
} from '../notifications/upheaval.ts';

/** How many changes are acknowledged, and how often the server is killed meanwhile; more by `npm run test:faults`. */
const CHANGES = Number(process.env['NOTIFICATION_CHANGES'] ?? 300);
const KILLS = Number(process.env['NOTIFICATION_KILLS'] ?? 3);
const CITIZENS = 12;
/** Time for everything, in milliseconds. */
const WHOLE = LIMIT_MS + CHANGES * 200;

const database = useTestDatabase();
const dataDir = newFolder();
const bsns = madeUpBsns(CITIZENS);
let receivers: ReadonlyMap<string, UnreliableReceiver>;
let server: KilledServer;
/** How many subscriptions had not been told everything, at each kill. */
const untold: number[] = [];

beforeAll(async () => {
  await buildServer();
  const opened = HOLDERS.map(async ({ client }) => [client, await openUnreliableReceiver()] as const);
  receivers = new Map(await Promise.all(opened));
  const settings = {
    DATA_DIR: dataDir,
    DATABASE_URL: database().url,
    SANDBOX: 'true',
    PORT: String(await freePort()),
    LOG_LEVEL: 'info',
    NOTIFICATION_TIMEOUT: '0.4',
    NOTIFICATION_RETRY: '0.02',
    NOTIFICATION_RETRY_MOST: '0.2',
  };
  server = await KilledServer.start(settings, async () => void untold.push(await undelivered()));
  for (const bsn of bsns) {
    for (const holder of HOLDERS)
      await subscribeHolder(server.baseUrl, dataDir, holder, { receiver: receiverOf(holder).url, bsn });
  }
}, LIMIT_MS);

afterAll(async () => {
  await stopAll();
  await Promise.all([...receivers.values()].map((receiver) => receiver.close()));
  removeFolders();
}, LIMIT_MS);

function receiverOf({ client }: Subscribed): UnreliableReceiver {
  const receiver = receivers.get(client);
  if (receiver === undefined) throw new Error('this holder has no receiver');
  return receiver;
}

/** All citizens change their minds at once; the server is killed after each equal share of the changes. */
async function upheaval(): Promise<void> {
  let chosen = 0;
  const onChosen = () => {
    chosen += 1;
    if (server.kills < KILLS && chosen >= ((server.kills + 1) * CHANGES) / (KILLS + 1)) void server.kill();
    return chosen >= CHANGES ? 'enough' : 'more';
  };
  await Promise.all(
    bsns.map(async (bsn) => keepChoosing(server, { bsn, token: await tokenIn(dataDir, `citizen:${bsn}`) }, onChosen)),
  );
  await server.isUp;
}

const UNDELIVERED = `select count(*) as count from notification where delivered_event < last_event`;

async function undelivered(): Promise<number> {
  const { rows } = await database().database.query<{ count: number }>(UNDELIVERED);
  return rows[0]?.count ?? 0;
}

async function untilAllIsDelivered(): Promise<void> {
  const end = Date.now() + WHOLE;
  for (;;) {
    const count = await undelivered();
    if (count === 0) return;
    if (Date.now() > end) throw new Error(`${count} subscriptions were not told everything`);
    await sleep(100);
  }
}

function heardBy(holder: Subscribed, bsn: string): Heard {
  const heard = receiverOf(holder).heard.get(pathOf(bsn));
  if (heard === undefined) throw new Error('a subscription heard nothing');
  return heard;
}

const HISTORY = `
  select rule -> 'answers' as answers from consent_history
  where patient_key = $1 and rule ->> 'holder' = $2 order by recorded_at, version`;

/** What stood for a holder, one state after the other: read from the history of the Consents, which knows nothing of events. */
async function statesOf({ category }: Subscribed, bsn: string): Promise<string[]> {
  const keys = await openSandboxKeys(dataDir);
  const patientKey = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey).keyOf(bsn);
  const { rows } = await database().database.query<{ answers: [string, string][] }>(HISTORY, [
    patientKey,
    `c:${category}`,
  ]);
  const permits = rows.map(({ answers }) =>
    answers.flatMap(([place, decision]) => (decision === 'permit' ? [place.slice(2)] : [])),
  );
  const states = [[], ...permits].map((codes) => [...codes].sort().join(' '));
  return states.filter((state, index) => state !== states[index - 1]);
}

const said = (told: Told | undefined) => [...(told?.permit ?? [])].sort().join(' ');

describe(`${CHANGES} changes, receivers that fail at random and a server that is killed ${KILLS} times`, () => {
  it(
    'leave every holder told of every change, of none that was not made, in order',
    async () => {
      const begin = performance.now();
      await upheaval();
      const chosenAfter = performance.now() - begin;
      await untilAllIsDelivered();
      expect(server.kills).toBe(KILLS);
      // Killed with something committed that had still to be sent.
      expect(untold.filter((count) => count > 0).length).toBeGreaterThan(0);
      let [events, arrivals] = [0, 0];
      for (const bsn of bsns) {
        for (const holder of HOLDERS) {
          const heard = heardBy(holder, bsn);
          expect(heard.order).toEqual(upTo(heard.order.length));
          expect(heard.altered).toBe(0);
          expect(heard.order.map((number) => said(heard.told.get(number)))).toEqual(await statesOf(holder, bsn));
          events += heard.order.length;
          arrivals += heard.arrivals;
        }
      }
      const seconds = (time: number) => `${Math.round(time / 100) / 10} s`;
      process.stdout.write(
        `notifications: ${CHANGES} changes in ${seconds(chosenAfter)}, all told after ${seconds(performance.now() - begin)}; ` +
          `${events} events, ${arrivals} arrivals (${arrivals - events} again), answered ${HOLDERS.map((holder) => JSON.stringify(receiverOf(holder).answers)).join(' and ')}, ` +
          `${server.kills} kills, ${untold.filter((count) => count > 0).length} with something still to be sent\n`,
      );
    },
    WHOLE * 2,
  );

  it(
    'leave every holder told last what a question is answered now',
    async () => {
      for (const bsn of bsns) {
        for (const holder of HOLDERS) {
          const { order, told } = heardBy(holder, bsn);
          const last = told.get(order.at(-1) ?? 0);
          expect(await permittedNow(holder, bsn, last)).toEqual(last?.permit);
        }
      }
    },
    LIMIT_MS,
  );
});

/** An organisation type of each requester category that has one. */
const TYPES = { RPZAC001: 'N6', RPZAC003: 'G5', RPZAC004: 'R5', RPZAC005: 'J8', RPZAC103: 'TA2', RPZAC104: 'V4' };

/** The categories that a `$check` permits now. */
async function permittedNow({ ura }: Subscribed, bsn: string, last: Told | undefined): Promise<string[]> {
  const token = await tokenIn(dataDir, 'exchange');
  const permitted: string[] = [];
  for (const [category, code] of Object.entries(TYPES)) {
    const requesterType = { name: 'requesterType', valueCoding: { code } };
    const question = [patient(bsn), organization('holder', ura), organization('requester', '90000697'), requesterType];
    const reply = await ask(server.baseUrl, 'check', token, question);
    if (valueOf(reply, 'decision') === 'permit') permitted.push(category);
  }
  expect([...(last?.permit ?? []), ...(last?.deny ?? [])]).toHaveLength(7);
  return permitted;
}
