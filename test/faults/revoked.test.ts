import { freshBsn } from '../http/people.ts';
import { choice, question } from '../http/questions.ts';
import { answer } from '../notifications/holders.ts';
import { subscribeHolder, HOLDERS } from '../notifications/upheaval.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { madeUpBsns } from '../start/ledger.ts';
import type { Call, Called } from './caller.ts';
import { DOORS, saidBy, unlike } from './doors.ts';
import { useNodes } from './nodes.ts';

/** How often somebody permits and revokes, and how many do so at once. */
const ROUNDS = Number(process.env['FAULT_REVOCATIONS'] ?? 100);
const CITIZENS = Math.min(ROUNDS, 32);
const WHOLE = LIMIT_MS + ROUNDS * 50;

/** In the sandbox what a holder is told need not go further than its own mailbox. */
const nodes = useNodes(2);
const bsns = madeUpBsns(CITIZENS);

/** How one takes back that everything is permitted. */
const REVOCATIONS = [
  (bsn: string) => choice(bsn, 'none'),
  (bsn: string) =>
    choice(bsn, 'certain', [answer('deny', { holderCategory: 'HA' }, { requesterCategory: 'RPZAC005' })]),
];

beforeAll(async () => {
  const { nodes: all, dataDir } = nodes();
  const [gp] = HOLDERS;
  if (gp === undefined) throw new Error('there is no holder');
  const baseUrl = all[0]?.server.baseUrl ?? '';
  const receiver = `${baseUrl}/sandbox/notifications/${gp.ura}`;
  for (const bsn of bsns) await subscribeHolder(baseUrl, dataDir, gp, { receiver, bsn });
}, LIMIT_MS);

/** What was seen of one citizen's rounds. */
interface Seen {
  rounds: number;
  checks: number;
  /** A permit after a revocation that was answered 200. */
  readonly stale: string[];
  /** Anything but a permit after a permit that was answered 200. */
  readonly missed: string[];
}

/** Permits through one server and looks, revokes through the other and looks, at every door of both. */
async function round(bsn: string, turn: number, calls: readonly Call[], seen: Seen): Promise<void> {
  const [citizen, exchange] = await tokensOf(bsn);
  const chosen = (call: Call | undefined, body: object) => call?.('/fhir/Consent/$choose', { token: citizen, body });
  const revoke = REVOCATIONS[turn % REVOCATIONS.length] as (bsn: string) => object;
  const [one, other] = turn % 4 < 2 ? calls : [...calls].reverse();
  expect((await chosen(one, choice(bsn, 'all')))?.status).toBe(200);
  seen.missed.push(...(await unlike('permit', bsn, exchange, calls)));
  expect((await chosen(other, revoke(bsn)))?.status).toBe(200);
  seen.stale.push(...(await unlike('deny', bsn, exchange, calls)));
  seen.checks += DOORS.length * calls.length;
  seen.rounds += 1;
}

const tokens = new Map<string, Promise<[string, string]>>();
function tokensOf(bsn: string): Promise<[string, string]> {
  const { token } = nodes();
  const known = tokens.get(bsn) ?? Promise.all([token(`citizen:${bsn}`), token('exchange')]);
  tokens.set(bsn, known);
  return known;
}

async function upheaval(rounds: number, calls: readonly Call[]): Promise<Seen> {
  const seen: Seen = { rounds: 0, checks: 0, stale: [], missed: [] };
  let begun = 0;
  const one = async (bsn: string) => {
    while (begun < rounds) await round(bsn, (begun += 1), calls, seen);
  };
  await Promise.all(bsns.map(one));
  return seen;
}

/** A server that gives an answer again to who asks the same again: what must never be. */
function remembering(call: Call): Call {
  const known = new Map<string, Promise<Called>>();
  return (path, asked) => {
    if (path.endsWith('$choose')) return call(path, asked);
    const key = path + JSON.stringify(asked?.body);
    const answered = known.get(key) ?? call(path, asked);
    known.set(key, answered);
    return answered;
  };
}

const callsOf = () => nodes().nodes.map(({ call }) => call);

describe('a revocation that was answered', () => {
  it(
    'is known at every door of every server at once, as is a permit (case 7)',
    async () => {
      const begun = performance.now();
      const seen = await upheaval(ROUNDS, callsOf());
      const seconds = Math.round((performance.now() - begun) / 1000);
      process.stdout.write(
        `revocations: ${seen.rounds} over ${callsOf().length} servers, ${seen.checks} questions after them in ${seconds} s, ` +
          `${seen.stale.length} stale, ${seen.missed.length} permits not seen\n`,
      );
      expect(seen.rounds).toBeGreaterThanOrEqual(ROUNDS);
      expect([seen.stale, seen.missed]).toEqual([[], []]);
    },
    WHOLE,
  );

  it(
    'would not be by a server that remembers its answers',
    async () => {
      const [one, other] = callsOf();
      if (one === undefined || other === undefined) throw new Error('there are two servers');
      const { stale, rounds } = await upheaval(CITIZENS, [one, remembering(other)]);
      expect(stale).toHaveLength(rounds * DOORS.length);
      expect(stale[0]).toBe('one question of server 2: permit');
    },
    LIMIT_MS,
  );
});

/** Answers of a citizen about one pair of categories. */
const certain = (bsn: string, decision: 'permit' | 'deny', holderCategory: string, requesterCategory: string) =>
  choice(bsn, 'certain', [answer(decision, { holderCategory }, { requesterCategory })]);

describe('an objection', () => {
  /** Records a choice. @returns the moment of its recording */
  async function record(call: Call, bsn: string, body: object): Promise<string> {
    const { status, body: text } = await call('/fhir/Consent/$choose', {
      token: await nodes().token(`citizen:${bsn}`),
      body,
    });
    if (status !== 200) throw new Error(`a choice was answered with ${status}`);
    const { entry } = JSON.parse(text) as { entry: { resource: { meta: { lastUpdated: string } } }[] };
    return (
      entry
        .map(({ resource }) => resource.meta.lastUpdated)
        .toSorted()
        .at(-1) ?? ''
    );
  }

  async function saidAsOf(bsn: string, moment: string): Promise<string[]> {
    const token = await nodes().token('auditor');
    const asked = [{ at: moment }, { knownAt: moment }, { at: moment, knownAt: moment }].flatMap((moments) =>
      callsOf().map(async (call) =>
        saidBy(await call('/fhir/Consent/$check', { token, body: question(bsn, moments) })),
      ),
    );
    return [...new Set(await Promise.all(asked))];
  }

  it.each(['of the same citizen', 'of another citizen'])(
    'counts at the moment of an unrelated permit after it, %s, on another server (case 8)',
    async (whose) => {
      for (let turn = 0; turn < Math.ceil(ROUNDS / 20); turn += 1) {
        const bsn = freshBsn();
        const [one, other] = turn % 2 === 0 ? callsOf() : callsOf().toReversed();
        if (one === undefined || other === undefined) throw new Error('there are two servers');
        const permitted = await record(other, bsn, choice(bsn, 'all'));
        await record(one, bsn, certain(bsn, 'deny', 'HA', 'RPZAC005'));
        const who = whose === 'of the same citizen' ? bsn : freshBsn();
        const moment = await record(other, who, certain(who, 'permit', 'APO', 'RPZAC001'));
        expect(await saidAsOf(bsn, moment)).toEqual(['deny']);
        expect(await saidAsOf(bsn, permitted)).toEqual(['permit']);
      }
    },
    WHOLE,
  );
});
