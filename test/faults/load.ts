import { Agent } from 'node:http';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { freshBsn } from '../http/people.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { AskedDecisions } from './asked-decisions.ts';
import { KeyedChoices } from './keyed-choices.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnServer } from './own-server.ts';

const CHECKING = 48;
const CHOOSING = 8;

type Loaded = Pick<OwnServer, 'baseUrl' | 'dataDir'>;

/** Many connections that ask and choose as fast as they are answered, and what they were told. */
export class Load {
  readonly decisions: AskedDecisions;
  readonly choices: KeyedChoices;
  readonly #server: Loaded;

  private constructor(server: Loaded, decisions: AskedDecisions, choices: KeyedChoices) {
    this.#server = server;
    this.decisions = decisions;
    this.choices = choices;
  }

  /** Of citizens whom nobody knows yet. */
  static async on(server: Loaded): Promise<Load> {
    const bsns = Array.from({ length: CHOOSING * 3 }, freshBsn);
    const [decisions, choices] = await Promise.all([
      AskedDecisions.about(bsns, server.dataDir),
      KeyedChoices.of(bsns, server.dataDir),
    ]);
    return new Load(server, decisions, choices);
  }

  get acknowledged(): number {
    return this.decisions.acknowledged.length + this.choices.acknowledged;
  }

  /** Requests whose connection broke before an answer came. */
  get unanswered(): number {
    return this.decisions.unanswered + this.choices.unanswered;
  }

  get unknown(): number {
    return this.decisions.unknown + this.choices.unknown;
  }

  /** Runs until an answer has stayed away on each connection. */
  async untilItFails(): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: CHECKING + CHOOSING });
    try {
      await Promise.all([
        ...Array.from({ length: CHECKING }, () => this.#check(agent)),
        ...Array.from({ length: CHOOSING }, (_, first) => this.#choose(agent, first)),
      ]);
    } finally {
      agent.destroy();
    }
  }

  async #check(agent: Agent): Promise<void> {
    while ((await this.decisions.ask(this.#server, agent)) === 200);
  }

  async #choose(agent: Agent, first: number): Promise<void> {
    let index = first;
    while (await this.choices.choose(this.#server, agent, index)) index += CHOOSING;
  }

  /** Waits until so many more are acknowledged. */
  async untilMore(count: number): Promise<void> {
    const enough = this.acknowledged + count;
    if (!(await waitUntil(() => this.acknowledged >= enough, LIMIT_MS))) throw new Error('nobody is answered');
  }

  /** What one question is answered now: a status, 0 for no answer. */
  async once(): Promise<number> {
    const agent = new Agent();
    return this.decisions.ask(this.#server, agent).finally(() => agent.destroy());
  }

  /** A choice that is made twice, because its caller hears nothing of the first time and forgets its key. */
  async chooseTwice(): Promise<void> {
    const agent = new Agent();
    await this.choices.chooseUnheard(this.#server, agent, 0);
    await this.choices.choose(this.#server, agent, 0);
    agent.destroy();
  }

  /** Asks again for every choice that waits for its answer, until it has one; then says what is wrong. */
  async faults(postgres: OwnPostgres): Promise<string[]> {
    const agent = new Agent({ keepAlive: true });
    for (let index = 0; index < this.choices.count; index += 1) {
      const before = this.choices.acknowledged;
      const isAnswered = async () =>
        (await this.choices.choose(this.#server, agent, index)) && this.choices.acknowledged > before;
      if (!(await waitUntil(isAnswered, LIMIT_MS))) throw new Error('a choice is not answered');
    }
    agent.destroy();
    return [...(await this.decisions.faults(postgres)), ...(await this.choices.faults(postgres))];
  }
}
