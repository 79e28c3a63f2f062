import { setTimeout as sleep } from 'node:timers/promises';
import { subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import { ask, patient, tokenIn } from '../start/ask.ts';
import { type RunningServer, start } from '../start/running-server.ts';
import { GP, PHARMACY } from '../http/people.ts';
import { answer } from './holders.ts';

/** A holder category, who is subscribed of it, and the requester categories that citizens change their mind about. */
export interface Subscribed {
  readonly client: string;
  readonly ura: string;
  readonly type: string;
  readonly category: string;
}

export const HOLDERS: readonly Subscribed[] = [
  { client: 'gp', ura: GP, type: 'Z3', category: 'HA' },
  { client: 'pharmacy', ura: PHARMACY, type: 'J8', category: 'APO' },
];
const REQUESTERS = ['RPZAC001', 'RPZAC005', 'RPZAC104'];

type Settings = Readonly<Record<string, string>>;

/** A server in a process of its own that is killed now and then, and started again at the same address. */
export class KilledServer {
  readonly #settings: Settings;
  readonly #onDown: () => Promise<void>;
  #server: RunningServer;
  #isUp: Promise<void> = Promise.resolve();
  kills = 0;

  private constructor(settings: Settings, server: RunningServer, onDown: () => Promise<void>) {
    this.#settings = settings;
    this.#server = server;
    this.#onDown = onDown;
  }

  /** @param onDown called while it is dead */
  static async start(settings: Settings, onDown: () => Promise<void>): Promise<KilledServer> {
    return new KilledServer(settings, await start(settings), onDown);
  }

  get baseUrl(): string {
    return this.#server.baseUrl;
  }

  /** Resolves when there is a server. */
  get isUp(): Promise<void> {
    return this.#isUp;
  }

  /** Kills the server and starts another in its place. Counts at once, so that what is still answered meanwhile kills no other. */
  kill(): Promise<void> {
    this.kills += 1;
    this.#isUp = this.#isUp.then(async () => {
      this.#server.child.kill('SIGKILL');
      await this.#server.ended;
      await this.#onDown();
      this.#server = await start(this.#settings);
    });
    return this.#isUp;
  }
}

/** The path of the endpoint at which a holder hears of a citizen. */
export function pathOf(bsn: string): string {
  return `/${bsn.slice(-5)}`;
}

/** Registers a citizen as a patient of a holder. */
export async function subscribeHolder(
  baseUrl: string,
  dataDir: string,
  { client, ura, type }: Subscribed,
  { receiver, bsn }: { readonly receiver: string; readonly bsn: string },
): Promise<void> {
  const body = subscriptionOf({ bsn, ura, holderType: type, endpoint: `${receiver}${pathOf(bsn)}` });
  const response = await fetch(`${baseUrl}/fhir/Subscription`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await tokenIn(dataDir, client)}`, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201) throw new Error(`a subscription was answered with ${response.status}`);
}

/**
 * One citizen changes their mind about both holders, again and again; what was not answered is left as it is, done or not.
 * @param onChosen told of each choice that was acknowledged; says whether there are more to come
 */
export async function keepChoosing(
  server: KilledServer,
  { bsn, token }: { readonly bsn: string; readonly token: string },
  onChosen: () => 'more' | 'enough',
): Promise<void> {
  for (let turn = 0; ; turn += 1) {
    await server.isUp;
    const requesterCategory = REQUESTERS[turn % REQUESTERS.length] ?? '';
    const decision = Math.floor(turn / REQUESTERS.length) % 2 === 0 ? 'permit' : 'deny';
    const answers = HOLDERS.map(({ category }) =>
      answer(decision, { holderCategory: category }, { requesterCategory }),
    );
    const parameters = [
      patient(bsn),
      { name: 'option', valueCode: 'certain' },
      ...answers.map((part) => ({ name: 'answer', part })),
    ];
    const reply = await ask(server.baseUrl, 'choose', token, parameters).catch(() => undefined);
    if (reply !== undefined && reply.status !== 200 && reply.status !== 503) {
      throw new Error(`a choice was answered with ${reply.status}`);
    }
    if (reply?.status !== 200) await sleep(20);
    else if (onChosen() === 'enough') return;
  }
}
