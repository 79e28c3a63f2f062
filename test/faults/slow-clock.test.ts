import { freshBsn, GP, POST } from '../http/people.ts';
import { grantBody } from '../http/emergency.ts';
import { question } from '../http/questions.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { tokenIn } from '../start/ask.ts';
import { stopServer } from '../start/running-server.ts';
import { headersOf } from './post.ts';
import { OwnServer } from './own-server.ts';
import { useOwn } from './use-own.ts';

const own = useOwn();
const DAY = 86_400_000;
const SLOW = new URL('slow-clock.js', import.meta.url).href;

interface Answered {
  readonly parameter?: readonly { readonly name: string; readonly valueCode?: string }[];
}

/** A token that is signed by the clock of the server: one from the future is none. */
async function tokenOfYesterday(dataDir: string, client: string): Promise<string> {
  const { now } = Date;
  Date.now = () => new Date().getTime() - DAY;
  return tokenIn(dataDir, client).finally(() => (Date.now = now));
}

/** Calls an operation of Consent. @returns the decision, or else the status */
async function call({ baseUrl, dataDir }: OwnServer, client: string, operation: string, body: object): Promise<string> {
  const token = await tokenOfYesterday(dataDir, client);
  const url = `${baseUrl}/fhir/Consent/$${operation}`;
  const response = await fetch(url, { method: 'POST', headers: headersOf(token), body: JSON.stringify(body) });
  const { parameter } = (await response.json()) as Answered;
  return parameter?.find(({ name }) => name === 'decision')?.valueCode ?? String(response.status);
}

// By an hour more than it lasts.
const earlier = (field: string) => `'{grant,${field}}', to_jsonb((rule->'grant'->>'${field}')::bigint - 262800000)`;
const LAPSE = `update consent set rule = jsonb_set(jsonb_set(rule::jsonb, ${earlier('start')}), ${earlier('end')}) where rule::jsonb ? 'grant'`;

describe('a server whose clock is a day slow', () => {
  it(
    'revives no grant that has lapsed by the clock of the database, and knows one that has not',
    async () => {
      const slow = await OwnServer.start(own().postgres, { NODE_OPTIONS: `--import ${SLOW}` });
      const bsn = freshBsn();
      const asked = question(bsn, { holder: GP, requester: POST });
      expect(await call(slow, 'exchange', 'check', asked)).toBe('deny');
      expect(await call(slow, 'post', 'grant-emergency', grantBody(bsn))).toBe('200');
      expect(await call(slow, 'exchange', 'check', asked)).toBe('permit');
      await own().postgres.query(LAPSE);
      expect(await call(slow, 'exchange', 'check', asked)).toBe('deny');
      expect((await stopServer(slow.running)).stderr).toContain(new Date(Date.now() - DAY).toISOString().slice(0, 10));
    },
    LIMIT_MS,
  );
});
