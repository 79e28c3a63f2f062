import { Browser } from '../http/browser.ts';
import { logOf } from '../http/signing-in.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';
import { type HostileProvider, openHostileProvider, type TokenPlan } from './hostile-provider.ts';

/** A browser that has begun to sign in, and what only it and the provider know. */
export interface Begun {
  readonly browser: Browser;
  readonly state: string;
  readonly nonce: string;
}

/** A server at which citizens sign in through a provider that says whatever a test wants. */
export interface HostileSignIn {
  readonly server: TestServer;
  readonly provider: HostileProvider;
  begin(at?: TestServer): Promise<Begun>;
  /** The way back of a browser, with these words in its address in the place of the right ones; undefined leaves one out. */
  wayBack(state: string, words?: Readonly<Record<string, string | undefined>>): string;
  /** Has the provider give this ID token for any code. */
  saySigned(nonce: string, bsn: string, plan?: TokenPlan): Promise<void>;
  /** What became of the last time that somebody nobody knows tried to sign in. */
  lastRefusal(): Promise<string | undefined>;
}

/** Gives the test file it is called in both of its own; ask the returned function for them inside tests. */
export function useHostileSignIn(): () => HostileSignIn {
  let opened: HostileSignIn | undefined;
  beforeAll(async () => {
    const provider = await openHostileProvider();
    opened = signInAt(provider, await openTestServer({ login: provider.settings }));
  }, LIMIT_MS);
  afterAll(async () => {
    await opened?.server.close();
    await opened?.provider.close();
  }, LIMIT_MS);
  return () => {
    if (opened === undefined) throw new Error('the provider is opened before the first test');
    return opened;
  };
}

function signInAt(provider: HostileProvider, server: TestServer): HostileSignIn {
  return {
    server,
    provider,
    async begin(at = server) {
      const browser = new Browser(at.baseUrl);
      const { headers } = await browser.step('/login');
      const { searchParams } = new URL(headers.get('location') ?? '');
      return { browser, state: searchParams.get('state') ?? '', nonce: searchParams.get('nonce') ?? '' };
    },
    wayBack(state, words = {}) {
      const all: Readonly<Record<string, string | undefined>> = {
        code: 'a-code',
        state,
        iss: provider.issuer,
        ...words,
      };
      const pairs = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
      return `/login/callback?${new URLSearchParams(pairs).toString()}`;
    },
    async saySigned(nonce, bsn, plan) {
      const idToken = await provider.idToken(nonce, bsn, plan);
      provider.say({ status: 200, body: { access_token: 'opaque', token_type: 'Bearer', id_token: idToken } });
    },
    lastRefusal: async () => (await logOf(server)).at(-1),
  };
}
