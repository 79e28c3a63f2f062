import type { Socket } from 'node:net';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshUra, GP, KARIM, UNREGISTERED } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { organization } from '../http/resources.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, useTestServer } from '../setup/test-server.ts';
import { openListener } from './listeners.ts';
import { askToken, assertionOf, type ClientKey, newKey } from './oauth-client.ts';
import { REFUSED } from './refused-clients.ts';
import { withClaims } from './token-with.ts';

const server = useTestServer();
let key: ClientKey;
let rsa: ClientKey;
let weak: ClientKey;

beforeAll(async () => {
  [key, rsa, weak] = await Promise.all([newKey(), newKey('RS384'), newKey('ES256')]);
}, LIMIT_MS);

interface Registered {
  readonly client_id: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly [name: string]: unknown;
}

/** Metadata of a client of the practice, with something else in it, or nothing (undefined). */
function metadata(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    client_name: 'EHR of De Linde',
    role: 'holder',
    organization: GP,
    scope: 'akkoord/consent.check system/Consent.rs',
    jwks: { keys: [key.jwk] },
    ...changes,
  };
}

function call(path: string, method: string, as?: string, body?: unknown, headers: Record<string, string> = {}) {
  const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
  const who = as === undefined ? {} : { as };
  return server().ask<Registered>(`/oauth/register${path}`, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...who,
    ...sent,
  });
}

const register = (body: unknown, headers = {}): Promise<Answer<Registered>> => call('', 'POST', 'admin', body, headers);

async function tokenOf(id: string, by = key) {
  return askToken(server(), await assertionOf(server(), id, by));
}

async function check(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await server().fhir('/Consent/$check', { headers, body: question(KARIM) })).status;
}

describe('a client', () => {
  it('is registered, shown, changed and ended by an admin, and each stands in the log', async () => {
    const { id, headers } = namedRequest();
    const created = await register(metadata(), headers);
    expect([created.status, created.body]).toEqual([201, expect.objectContaining(shown())]);
    const { client_id: clientId } = created.body;
    expect(created.body['registration_client_uri']).toBe(`${server().baseUrl}/oauth/register/${clientId}`);
    expect(await logged(server(), id)).toMatchObject([
      { interaction: 'Client.create', outcome: '0', client: 'admin', detail: { client: clientId } },
    ]);
    expect((await call(`/${clientId}`, 'GET', 'admin')).body).toEqual(created.body);
    const changed = await call(`/${clientId}`, 'PUT', 'admin', metadata({ client_id: clientId, client_name: 'New' }));
    expect([changed.status, changed.body['client_name']]).toEqual([200, 'New']);
    expect((await call(`/${clientId}`, 'DELETE', 'admin')).status).toBe(204);
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await call(`/${clientId}`, method, 'admin', method === 'PUT' ? metadata() : undefined)).status).toBe(404);
    }
    const rows = (await logged(server())).filter(({ interaction }) => interaction.startsWith('Client.'));
    const told = rows.map(({ interaction, outcome }) => `${interaction} ${outcome}`);
    expect(told).toEqual([
      ...['Client.create 0', 'Client.read 0', 'Client.update 0', 'Client.delete 0'],
      ...['Client.read 4', 'Client.update 4', 'Client.delete 4'],
    ]);
  });

  it('gets tokens with its key, for no more than it is registered for, until it is ended', async () => {
    const { client_id: id } = (await register(metadata())).body;
    const { body } = await tokenOf(id);
    expect(body.scope).toBe('akkoord/consent.check');
    expect(await check(body.access_token ?? '')).toBe(200);
    const more = await askToken(server(), await assertionOf(server(), id, key), { scope: 'akkoord/consent.migrate' });
    expect([more.status, more.body.error]).toEqual([400, 'invalid_scope']);
    await call(`/${id}`, 'DELETE', 'admin');
    expect(await check(body.access_token ?? '')).toBe(401);
    expect((await tokenOf(id)).body.error).toBe('invalid_client');
  });

  it('loses its tokens, and the key it had, when it is registered anew', async () => {
    const { client_id: id } = (await register(metadata())).body;
    const token = (await tokenOf(id)).body.access_token ?? '';
    expect((await call(`/${id}`, 'PUT', 'admin', metadata({ jwks: { keys: [rsa.jwk] } }))).status).toBe(200);
    expect(await check(token)).toBe(401);
    expect((await tokenOf(id)).body.error).toBe('invalid_client');
    expect((await tokenOf(id, rsa)).status).toBe(200);
  });

  it.each([
    { when: 'gets none when it is registered anew meanwhile', isAnew: true, error: 'invalid_client' },
    { when: 'gets one when it is not', isAnew: false, error: undefined },
  ])('whose keys are being fetched for a token $when', async ({ isAnew, error }) => {
    const asking: Socket[] = [];
    const host = await openListener((socket) => void asking.push(socket));
    const own = { jwks: undefined, jwks_uri: `http://127.0.0.1:${host.port}/`, hosts: ['127.0.0.1'] };
    const { client_id: id } = (await register(metadata(own))).body;
    const asked = tokenOf(id);
    while (asking.length === 0) await new Promise((resolve) => setImmediate(resolve));
    if (isAnew)
      expect((await call(`/${id}`, 'PUT', 'admin', metadata({ jwks: { keys: [rsa.jwk] } }))).status).toBe(200);
    const keys = JSON.stringify({ keys: [key.jwk] });
    asking[0]?.end(`HTTP/1.1 200 OK\r\nContent-Length: ${keys.length}\r\n\r\n${keys}`);
    expect((await asked).body.error).toBe(error);
    await host.close();
  });

  it('is registered with keys of either kind, by address within its hosts, or with bound tokens', async () => {
    const byUrl = { jwks: undefined, jwks_uri: 'https://ehr.example/jwks', hosts: ['ehr.example'] };
    const accepted = [
      { jwks: { keys: [rsa.jwk, key.jwk] } },
      byUrl,
      { dpop_bound_access_tokens: true },
      { tls_client_certificate_bound_access_tokens: true },
      { role: 'auditor', organization: undefined, scope: 'akkoord/audit.read' },
      { role: 'exchange', organization: undefined, scope: 'akkoord/consent.locate' },
      { unknown_field: 'is ignored', grant_types: ['client_credentials'] },
    ];
    for (const changes of accepted) expect((await register(metadata(changes))).status).toBe(201);
  });
});

function shown(): Record<string, unknown> {
  const { jwk } = key;
  return {
    ...metadata({ jwks: { keys: [expect.objectContaining({ kid: jwk.kid, kty: 'EC' })] } }),
    hosts: [],
    grant_types: ['client_credentials'],
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: false,
    tls_client_certificate_bound_access_tokens: false,
  };
}

describe('the clients of an organisation count no more', () => {
  /** A client of an organisation, with a token of the built-in server and the status of what it asks with either kind. */
  async function clientOf(ura: string) {
    const scope = 'akkoord/consent.check system/Organization.rs';
    const { client_id: id } = (await register(metadata({ organization: ura, scope }))).body;
    const { access_token: opaque = '' } = (await askToken(server(), await assertionOf(server(), id, key), { scope }))
      .body;
    const tokens = [{ Authorization: `Bearer ${opaque}` }, await withClaims(server(), 'gp', { client_id: id, scope })];
    const asked = async () => {
      const answers = await Promise.all(tokens.map((headers) => server().fhir('/Organization', { headers })));
      return [...answers, await tokenOf(id)].map(({ status }) => status);
    };
    return { id, asked };
  }

  it('from the moment it is registered no more', async () => {
    const ura = freshUra();
    const made = await server().fhir<{ id: string }>('/Organization', { as: 'admin', body: organization(ura) });
    const { id, asked } = await clientOf(ura);
    expect(await asked()).toEqual([200, 200, 200]);
    await server().fhir(`/Organization/${made.body.id}`, { as: 'admin', method: 'DELETE' });
    expect(await asked()).toEqual([401, 401, 401]);
    expect((await call(`/${id}`, 'GET', 'admin')).status).toBe(200);
    await server().fhir('/Organization', { as: 'admin', body: organization(ura) });
    expect(await asked()).toEqual([200, 200, 200]);
  });

  it.each(['insurer', 'employer', 'company-doctor'])('from the moment it is nothing but %s', async (type) => {
    const ura = freshUra();
    await server().fhir('/Organization', { as: 'admin', body: organization(ura) });
    const { asked } = await clientOf(ura);
    const become = (types: readonly string[]) =>
      server().database.database.query('update organization set types = $2 where ura = $1', [ura, types]);
    await become([type, 'Z3']);
    expect(await asked()).toEqual([200, 200, 200]);
    await become([type]);
    expect(await asked()).toEqual([401, 401, 401]);
  });
});

describe('an organisation has no client that', () => {
  it.each(['insurer', 'employer', 'company-doctor'])('is %s', async (type) => {
    const ura = freshUra();
    await server().fhir('/Organization', { as: 'admin', body: organization(ura) });
    expect((await register(metadata({ organization: ura }))).status).toBe(201);
    // No door lets such a type in; it may come with a catalogue, or by hand.
    await server().database.database.query('update organization set types = $2 where ura = $1', [ura, [type]]);
    for (const role of ['holder', 'exchange', 'auditor']) {
      const scope = role === 'auditor' ? 'akkoord/audit.read' : 'akkoord/consent.check';
      const answer = await register(metadata({ organization: ura, role, scope }));
      expect([answer.status, answer.body]).toEqual([
        422,
        { error: 'invalid_client_metadata', error_description: 'An organisation outside care has no clients.' },
      ]);
    }
    await server().database.database.query('update organization set types = $2 where ura = $1', [ura, [type, 'Z3']]);
    expect((await register(metadata({ organization: ura }))).status).toBe(201);
  });

  it('is not registered, or not named by a holder', async () => {
    expect((await register(metadata({ organization: UNREGISTERED }))).status).toBe(422);
    expect((await register(metadata({ organization: undefined }))).status).toBe(422);
  });
});

describe('nobody is registered with', () => {
  it.each(REFUSED)('$which', async ({ changes }) => {
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const answer = await register(metadata(changes({ key, rsa, weak })), headers);
    expect([answer.status, answer.body.error]).toEqual([422, 'invalid_client_metadata']);
    expect(await storedRows(server())).toEqual(before);
    expect(await logged(server(), id)).toMatchObject([{ interaction: 'Client.create', outcome: '4', client: 'admin' }]);
  });

  it.each([
    { which: 'no metadata', body: '[]', status: 422 },
    { which: 'what is not JSON', body: '{', status: 400 },
    { which: 'a field given twice', body: '{"role":"holder","role":"admin"}', status: 400 },
    { which: 'a key that reaches a prototype', body: '{"__proto__":{"role":"admin"}}', status: 400 },
    { which: 'more than a megabyte', body: JSON.stringify({ client_name: 'x'.repeat(1_100_000) }), status: 413 },
  ])('$which', async ({ body, status }) => {
    const answer = await register(body);
    expect([answer.status, Object.keys(answer.body)]).toEqual([status, ['error', 'error_description']]);
  });

  it('the name of another', async () => {
    const { client_id: id } = (await register(metadata())).body;
    expect((await call(`/${id}`, 'PUT', 'admin', metadata({ client_id: 'gp' }))).status).toBe(422);
    expect((await register(metadata({ client_id: 'gp' }))).body.client_id).not.toBe('gp');
  });
});

describe('the registry is closed to', () => {
  const others = ['gp', 'hospital', 'exchange', 'auditor', `citizen:${KARIM}`];

  it.each(others)('%s', async (as) => {
    const before = await storedRows(server());
    for (const [method, path] of [
      ['POST', ''],
      ['GET', '/gp'],
      ['PUT', '/gp'],
      ['DELETE', '/gp'],
    ] as const) {
      const { id, headers } = namedRequest();
      const body = method === 'GET' || method === 'DELETE' ? undefined : metadata();
      expect((await call(path, method, as, body, headers)).status).toBe(403);
      expect(await logged(server(), id)).toMatchObject([{ outcome: '4', detail: { problem: 'not-permitted' } }]);
    }
    expect(await storedRows(server())).toEqual(before);
  });

  it('whoever has no token, and is told how to bring one', async () => {
    const answer = await call('', 'POST', undefined, metadata());
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer /)]);
  });
});
