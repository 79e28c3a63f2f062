import { verdict } from '../http/answers.ts';
import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { changeClient } from '../http/registered-client.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer, useTestServer } from '../setup/test-server.ts';
import { askToken, assertionOf, newKey, post, proving, registerKey } from './oauth-client.ts';

// What one server knows, another on the same database knows at once; each counts for itself only how much it is asked.

let other: TestServer;
// Before the first one, whose database it uses, is closed.
afterAll(() => other.close(), LIMIT_MS);
const one = useTestServer();
beforeAll(async () => {
  other = await openTestServer({ beside: one() });
}, LIMIT_MS);

/** What a question is answered at both servers. */
async function verdicts(headers: Readonly<Record<string, string>>): Promise<string[]> {
  const ask = (at: TestServer) => at.fhir('/Consent/$check', { body: question(KARIM), headers });
  return (await Promise.all([one(), other].map(ask))).map(verdict);
}

describe('two servers on one database', () => {
  it('know at once that a token was revoked at one of them', async () => {
    const key = await newKey();
    const undo = await registerKey(one(), 'gp', key);
    try {
      const prove = async () => proving(await assertionOf(one(), 'gp', key));
      const token = (await askToken(one(), await assertionOf(one(), 'gp', key))).body.access_token ?? '';
      const headers = { Authorization: `Bearer ${token}` };
      expect(await verdicts(headers)).toEqual(['200', '200']);
      expect((await post(one(), 'revoke', { token, ...(await prove()) })).status).toBe(200);
      expect(await verdicts(headers)).toEqual(['401 invalid-token', '401 invalid-token']);
    } finally {
      await undo();
    }
  });

  it('know at once that a client may do less', async () => {
    const headers = { Authorization: `Bearer ${await one().token('gp')}` };
    expect(await verdicts(headers)).toEqual(['200', '200']);
    const undo = await changeClient(one(), 'gp', { scopes: ['system/Consent.rs'] });
    try {
      expect((await verdicts(headers)).map((said) => said.slice(0, 3))).toEqual(['403', '403']);
    } finally {
      await undo();
    }
    expect(await verdicts(headers)).toEqual(['200', '200']);
  });
});
