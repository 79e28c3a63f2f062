import { readFileSync } from 'node:fs';
import { codedEvent } from '../../src/audit/coded-event.ts';
import { EVERY_TARGET } from '../../src/auth/permissions.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { ASSERTION_TYPE, assertionOf, CHECK, newKey, registerKey } from './oauth-client.ts';

const server = useTestServer();
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const form = (fields: Readonly<Record<string, string>>): Call => ({
  method: 'POST',
  headers: FORM,
  body: new URLSearchParams(fields).toString(),
});

const admin = (method: string, body?: object): Call => ({
  as: 'admin',
  method,
  ...(body === undefined ? {} : { body, headers: { 'Content-Type': 'application/json' } }),
});

/** Accesses outside /fhir that are refused: what the log calls them, and the status. */
const REFUSED: readonly (readonly [string, string, Call, string, number])[] = [
  ['a token without proof', '/oauth/token', form({ grant_type: 'client_credentials' }), 'Token.issue', 401],
  ['a token in much too large a form', '/oauth/token', form({ scope: 'x'.repeat(70_000) }), 'Token.issue', 401],
  ['an introspection without proof', '/oauth/introspect', form({ token: 'x' }), 'Token.introspect', 401],
  ['a revocation without proof', '/oauth/revoke', form({ token: 'x' }), 'Token.revoke', 401],
  ['a registration by nobody', '/oauth/register', { method: 'POST', body: {} }, 'Client.create', 401],
  ['a registration of an insurer', '/oauth/register', admin('POST', { role: 'insurer' }), 'Client.create', 422],
  ['a client read by a holder', '/oauth/register/gp', { as: 'gp' }, 'Client.read', 403],
  ['a client that is not there', '/oauth/register/absent', admin('GET'), 'Client.read', 404],
  ['a change by a holder', '/oauth/register/gp', { as: 'gp', method: 'PUT', body: {} }, 'Client.update', 403],
  ['an end by a holder', '/oauth/register/gp', { as: 'gp', method: 'DELETE' }, 'Client.delete', 403],
  ['a way back that nobody went', '/login/callback?code=x&state=y', {}, 'Session.create', 403],
  ['a logout from elsewhere', '/logout', { method: 'POST' }, 'Session.delete', 403],
  ['a code that nobody was mailed', '/email/confirm', form({ code: 'ABCDEFGH' }), 'Patient.update', 422],
  ['a code in no form', '/email/confirm', { body: { code: 'ABCDEFGH' } }, 'Patient.update', 415],
  ['a code much too long', '/email/confirm', form({ code: 'A'.repeat(70_000) }), 'Patient.update', 413],
];

async function made(path: string, call: Call) {
  const { id, headers } = namedRequest();
  const { status, body } = await server().ask(path, { ...call, headers: { ...call.headers, ...headers } });
  return { status, text: JSON.stringify(body ?? ''), records: await logged(server(), id) };
}

async function whileLogRefuses(work: () => Promise<void>): Promise<void> {
  const { database, applicationUrl } = server().database;
  const login = new URL(applicationUrl).username;
  await database.query(`revoke insert on audit_event from ${login}`);
  await work().finally(() => database.query(`grant insert on audit_event to ${login}`));
}

describe('outside /fhir', () => {
  it.each(REFUSED)('%s is refused and leaves one record', async (_, path, call, interaction, expected) => {
    const { status, records } = await made(path, call);
    expect(status).toBe(expected);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({ interaction, outcome: '4' });
    expect(records[0]?.detail.problem).toMatch(/^[a-z-]+$/);
  });

  it.each(REFUSED)('%s is not even refused when that cannot be recorded', async (_, path, call) => {
    await whileLogRefuses(async () => {
      const { status, records } = await made(path, call);
      expect([status, records]).toEqual([503, []]);
    });
  });

  it('a token leaves one record, and is not given when that cannot be written', async () => {
    const key = await newKey();
    const restore = await registerKey(server(), 'gp', key);
    const asked = async () =>
      form({
        grant_type: 'client_credentials',
        scope: CHECK,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: await assertionOf(server(), 'gp', key),
      });
    try {
      const { status, text, records } = await made('/oauth/token', await asked());
      expect([status, records.length]).toEqual([200, 1]);
      expect(records[0]).toMatchObject({ interaction: 'Token.issue', outcome: '0', client: 'gp' });
      expect(text).toContain('access_token');
      await whileLogRefuses(async () => {
        const refused = await made('/oauth/token', await asked());
        expect(refused.status).toBe(503);
        expect(refused.text).not.toContain('access_token');
      });
    } finally {
      await restore();
    }
  });
});

describe('whatever is recorded', () => {
  it('has a code that our own code system explains, or one of FHIR', () => {
    const file = new URL('../../profiles/built/CodeSystem-audited-event.json', import.meta.url);
    const { url, concept } = JSON.parse(readFileSync(file, 'utf8')) as { url: string; concept: { code: string }[] };
    const ours = EVERY_TARGET.map((target) => codedEvent(target).subtype).filter(({ system }) => system === url);
    expect(ours.length).toBeGreaterThan(10);
    const known = new Set(concept.map(({ code }) => code));
    expect(ours.flatMap(({ code = '' }) => (known.has(code) ? [] : [code]))).toEqual([]);
  });
});
