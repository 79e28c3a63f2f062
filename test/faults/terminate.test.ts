import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitUntil } from '../../src/storage/postgres-process.ts';
import { freshBsn } from '../http/people.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { AskedDecisions } from './asked-decisions.ts';
import { KeyedChoices } from './keyed-choices.ts';
import { useOwn } from './use-own.ts';

/** How often all connections are ended, and how much is answered from one time to the next. */
const TIMES = Number(process.env['FAULT_TERMINATIONS'] ?? 3);
const IS_LONG = TIMES >= 10;
const BETWEEN = IS_LONG ? 2_000 : 100;
const ASKING = 12;
const CHOOSING = 4;
const EVERYBODY = ASKING + CHOOSING;
/** Longest until everybody is answered again, in milliseconds, where nothing else uses the machine. */
const RECOVERY = 2_000;
const WHOLE = LIMIT_MS + TIMES * 10_000;

const END_ALL = `
  select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;

const own = useOwn();

/** Everybody asks and chooses, on and on. */
class Everybody {
  readonly decisions: AskedDecisions;
  readonly choices: KeyedChoices;
  #isOver = false;
  /** When each began what was answered to them last. */
  readonly #answered: number[] = Array.from({ length: EVERYBODY }, () => 0);
  #all: Promise<unknown> = Promise.resolve();

  private constructor(decisions: AskedDecisions, choices: KeyedChoices) {
    this.decisions = decisions;
    this.choices = choices;
  }

  static async start(): Promise<Everybody> {
    const { server } = own();
    const bsns = Array.from({ length: CHOOSING }, freshBsn);
    const everybody = new Everybody(
      await AskedDecisions.about(bsns, server.dataDir),
      await KeyedChoices.of(bsns, server.dataDir),
    );
    everybody.#begin();
    return everybody;
  }

  get answered(): number {
    return this.decisions.acknowledged.length + this.choices.acknowledged;
  }

  get refused(): number {
    return this.decisions.unknown + this.choices.unknown;
  }

  #begin(): void {
    const agent = new Agent({ keepAlive: true });
    const { server } = own();
    const one = async (who: number, ask: () => Promise<boolean>): Promise<void> => {
      while (!this.#isOver) {
        const begun = performance.now();
        if (await ask()) this.#answered[who] = begun;
      }
    };
    const asking = Array.from({ length: ASKING }, (_, who) =>
      one(who, async () => (await this.decisions.ask(server, agent)) === 200),
    );
    const choosing = Array.from({ length: CHOOSING }, (_, index) =>
      one(ASKING + index, () => this.choices.choose(server, agent, index)),
    );
    this.#all = Promise.all([...asking, ...choosing]).finally(() => agent.destroy());
  }

  /** Waits until everybody was answered what they began after a moment. @returns milliseconds from that moment */
  async untilAnsweredAfter(moment: number): Promise<number> {
    const isAnswered = () => this.#answered.every((begun) => begun > moment);
    if (!(await waitUntil(isAnswered, LIMIT_MS))) throw new Error('somebody is not answered any more');
    return performance.now() - moment;
  }

  async untilMore(count: number): Promise<void> {
    const enough = this.answered + count;
    if (!(await waitUntil(() => this.answered >= enough, LIMIT_MS))) throw new Error('nobody is answered');
  }

  /** Stops, and says what is wrong in the register with what was acknowledged. */
  async faults(): Promise<string[]> {
    this.#isOver = true;
    await this.#all;
    const { server, postgres } = own();
    const agent = new Agent();
    for (let index = 0; index < CHOOSING; index += 1) {
      const before = this.choices.acknowledged;
      const settled = async () =>
        (await this.choices.choose(server, agent, index)) && this.choices.acknowledged > before;
      if (!(await waitUntil(settled, LIMIT_MS))) throw new Error('a choice is not answered');
    }
    return [...(await this.decisions.faults(postgres)), ...(await this.choices.faults(postgres))];
  }
}

describe('a server whose connections to the database are ended, all of them, under load (case 45)', () => {
  it(
    'refuses at most what was under way on them, answers everybody again at once, lives on, and loses nothing',
    async () => {
      const { server, postgres } = own();
      const { pid } = server;
      const everybody = await Everybody.start();
      const recoveries: number[] = [];
      for (let time = 0; time < TIMES; time += 1) {
        await everybody.untilMore(BETWEEN);
        await postgres.query(END_ALL);
        recoveries.push(await everybody.untilAnsweredAfter(performance.now()));
      }
      const faults = await everybody.faults();
      const { answered, refused, decisions, choices } = everybody;
      const share = (100 * refused) / (answered + refused);
      process.stdout.write(
        `connections ended ${TIMES} times: ${answered} answered, ${refused} refused (${share.toFixed(2)} %), ` +
          `everybody answered again after ${Math.round(Math.max(...recoveries))} ms at most\n`,
      );
      expect([faults, decisions.unanswered + choices.unanswered]).toEqual([[], 0]);
      expect([server.pid, server.running.child.exitCode]).toEqual([pid, null]);
      expect(refused).toBeLessThanOrEqual(TIMES * EVERYBODY);
      if (!IS_LONG) return;
      expect(share).toBeLessThan(1);
      expect(Math.max(...recoveries)).toBeLessThan(RECOVERY);
    },
    WHOLE,
  );

  it(
    'is told from one whose connections are ended again and again, which refuses more than that',
    async () => {
      const everybody = await Everybody.start();
      await everybody.untilMore(BETWEEN);
      for (let time = 0; everybody.refused <= EVERYBODY && time < 1000; time += 1) {
        await own().postgres.query(END_ALL);
        await sleep(1);
      }
      expect(everybody.refused).toBeGreaterThan(EVERYBODY);
      expect(await everybody.faults()).toEqual([]);
    },
    WHOLE,
  );
});
