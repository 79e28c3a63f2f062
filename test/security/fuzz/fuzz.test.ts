import fc from 'fast-check';
import { freshUra } from '../../http/people.ts';
import { organization } from '../../http/resources.ts';
import { tokenIn } from '../../start/ask.ts';
import { useOwnProcess } from '../../start/own-process.ts';
import { completenessOf, leavesRecord } from '../completeness.ts';
import { type FuzzedRequest, fuzzedRequest, ID } from './requests.ts';
import { type FuzzAnswer, openAgent, send } from './send.ts';

/** How many requests; `npm run test:fuzz` sends a million. */
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 100_000);
const AT_ONCE = 16;
const CHUNK = 2_000;
const LIMIT_MS = 120_000 + REQUESTS * 30;
/** What the server may at most be busy with one thing, in seconds. */
const LONGEST_DELAY = 0.25;
/** Said by those who show more than they should. */
const LEAK = /\bat \S+ \(?\S+:\d+:\d+\)?|node_modules|syntax error at or near|pg_catalog|violates .* constraint/i;

const NAMED = /"fullUrl":"[^"]*\/fhir\/([A-Za-z]+)\/([^"/]+)"/g;

interface Finding {
  readonly asked: FuzzedRequest;
  readonly answer: FuzzAnswer;
}

const own = useOwnProcess();

const statuses = new Map<number, number>();
const ids = new Map<string, readonly string[]>();
const refused: Finding[] = [];
const leaking: Finding[] = [];
const answered: string[] = [];
let longest = 0;

/** The longest the event loop was held up since this was asked last, in seconds. */
async function readDelay(): Promise<number> {
  const metrics = await (await fetch(`${own().server.baseUrl}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1]);
}

function judge(asked: FuzzedRequest, answer: FuzzAnswer): void {
  statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
  if (answer.status === 0 || answer.status >= 500) refused.push({ asked, answer });
  remember(asked, answer);
  if (LEAK.test(answer.text)) leaking.push({ asked, answer });
  if (answer.requestId !== undefined && leavesRecord(asked.path)) answered.push(answer.requestId);
}

/** Puts an id in that the server has named; `turn` says which. */
function addressed(asked: FuzzedRequest, turn: number): FuzzedRequest {
  const known = ids.get(`${asked.as ?? ''} ${asked.path.split('/')[2] ?? ''}`) ?? ['absent'];
  return { ...asked, path: asked.path.replace(ID, known[turn % known.length] ?? '') };
}

/** What the admin may bend is made for it, because without its organisation a client is nobody. */
const ADMINS = 'admin Organization';

/** The ids in an answer, the latest few of each type, for whoever was shown them. */
function remember({ as = '' }: FuzzedRequest, { text }: FuzzAnswer): void {
  for (const [, type = '', id = ''] of text.matchAll(NAMED)) {
    if (`${as} ${type}` !== ADMINS) rememberId(`${as} ${type}`, id);
  }
}

function rememberId(key: string, id: string): void {
  ids.set(key, [id, ...(ids.get(key) ?? []).filter((other) => other !== id)].slice(0, 20));
}

async function foundOrganizations(token = ''): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
  const address = `${own().server.baseUrl}/fhir/Organization`;
  for (let made = 0; made < 5; made += 1) {
    const body = JSON.stringify(organization(freshUra()));
    const answer = await fetch(address, { method: 'POST', headers, body });
    rememberId(ADMINS, ((await answer.json()) as { id: string }).id);
  }
}

async function fuzz(seed: number, tokens: ReadonlyMap<string, string>): Promise<void> {
  const agent = openAgent(AT_ONCE);
  const queue = fc.sample(fuzzedRequest, { numRuns: Math.min(CHUNK, REQUESTS), seed });
  const work = async () => {
    for (let asked = queue.pop(); asked !== undefined; asked = queue.pop()) {
      const sent = addressed(asked, queue.length);
      judge(sent, await send(own().server.baseUrl, agent, sent, tokens.get(asked.as ?? '')));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  agent.destroy();
}

async function allTokens(): Promise<Map<string, string>> {
  const callers = ['gp', 'pharmacy', 'hospital', 'post', 'exchange', 'auditor', 'admin'];
  const citizens = ['900186021', '900203638', '900203651', '999999990'].map((bsn) => `citizen:${bsn}`);
  const made = [...callers, ...citizens].map(async (who) => [who, await tokenIn(own().dataDir, who)] as const);
  return new Map(await Promise.all(made));
}

describe(`${REQUESTS} requests that are bent in every way`, () => {
  it(
    'are answered, and none with a fault of the server',
    async () => {
      const begun = performance.now();
      const { seed = 0 } = fc.readConfigureGlobal();
      await readDelay();
      for (let sent = 0; sent < REQUESTS; sent += CHUNK) {
        const tokens = await allTokens();
        await foundOrganizations(tokens.get('admin'));
        await fuzz(seed + sent, tokens);
        longest = Math.max(longest, await readDelay());
      }
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const counts = Object.fromEntries([...statuses].sort(([one], [other]) => one - other));
      console.log(JSON.stringify({ fuzzed: REQUESTS, seconds, longestDelay: longest, statuses: counts }));
      expect(refused.slice(0, 5)).toEqual([]);
      expect(leaking.slice(0, 5)).toEqual([]);
      expect(own().server.child.exitCode).toBeNull();
    },
    LIMIT_MS,
  );

  it('leave a record each', async () => {
    const counted = answered.map((requestId) => ({ requestId }));
    expect(answered.length).toBeGreaterThan(REQUESTS / 2);
    expect((await completenessOf(own().database.database, counted)).wrong).toEqual([]);
  });

  it('hold up nobody else for long', () => {
    expect(longest).toBeGreaterThan(0);
    expect(longest).toBeLessThan(LONGEST_DELAY);
  });
});
