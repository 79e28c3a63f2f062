import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshUra, GP, KARIM, UNREGISTERED } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { organization } from '../http/resources.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, useTestServer } from '../setup/test-server.ts';
import { askToken, assertionOf, type ClientKey, newKey } from './oauth-client.ts';
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

const PRIVATE = { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA', d: 'AA', kid: 'one' };

const REFUSED: { which: string; changes: () => Record<string, unknown> }[] = [
  { which: 'no name', changes: () => ({ client_name: undefined }) },
  { which: 'a name of two lines', changes: () => ({ client_name: 'one\ntwo' }) },
  { which: 'a role that is none', changes: () => ({ role: 'superuser' }) },
  { which: 'the role of a citizen', changes: () => ({ role: 'citizen' }) },
  { which: 'no scope', changes: () => ({ scope: '' }) },
  { which: 'a scope that is none', changes: () => ({ scope: 'akkoord/consent.everything' }) },
  { which: 'a scope beside one that is none', changes: () => ({ scope: 'akkoord/consent.check system/Consent.dus' }) },
  { which: 'what only auditors may', changes: () => ({ scope: 'akkoord/audit.read' }) },
  { which: 'what only admins may', changes: () => ({ scope: 'akkoord/client.manage' }) },
  { which: 'what only citizens may', changes: () => ({ scope: 'patient/Consent.rs' }) },
  { which: 'letters that holders do not have', changes: () => ({ scope: 'system/Consent.cruds' }) },
  { which: 'every type', changes: () => ({ scope: 'system/*.rs' }) },
  { which: 'no keys', changes: () => ({ jwks: undefined }) },
  { which: 'keys in two places', changes: () => ({ jwks_uri: 'https://ehr.example/jwks', hosts: ['ehr.example'] }) },
  { which: 'an empty set of keys', changes: () => ({ jwks: { keys: [] } }) },
  { which: 'a private key', changes: () => ({ jwks: { keys: [PRIVATE] } }) },
  { which: 'a key without a name', changes: () => ({ jwks: { keys: [{ ...key.jwk, kid: undefined }] } }) },
  { which: 'two keys with one name', changes: () => ({ jwks: { keys: [key.jwk, { ...rsa.jwk, kid: key.jwk.kid }] } }) },
  { which: 'a key for another algorithm', changes: () => ({ jwks: { keys: [weak.jwk] } }) },
  { which: 'a key that is no point of its curve', changes: () => ({ jwks: { keys: [{ ...key.jwk, x: key.jwk.y }] } }) },
  {
    which: 'a key of 2040 bits',
    changes: () => ({ jwks: { keys: [{ ...rsa.jwk, n: String(rsa.jwk.n).slice(0, 340) }] } }),
  },
  { which: 'a secret as a key', changes: () => ({ jwks: { keys: [{ kty: 'oct', k: 'AAAA', kid: 'one' }] } }) },
  { which: 'keys without TLS', changes: () => byUrl('ftp://ehr.example/jwks') },
  { which: 'keys at a host of somebody else', changes: () => byUrl('https://evil.example/jwks') },
  { which: 'keys at a host that begins alike', changes: () => byUrl('https://ehr.example.evil.example/jwks') },
  { which: 'keys behind a password', changes: () => byUrl('https://user@ehr.example/jwks') },
  { which: 'a host that is an address', changes: () => ({ hosts: ['https://ehr.example/'] }) },
  {
    which: 'both bindings',
    changes: () => ({ dpop_bound_access_tokens: true, tls_client_certificate_bound_access_tokens: true }),
  },
  { which: 'another way to prove itself', changes: () => ({ token_endpoint_auth_method: 'client_secret_basic' }) },
  { which: 'another grant', changes: () => ({ grant_types: ['authorization_code'] }) },
];

function byUrl(url: string): Record<string, unknown> {
  return { jwks: undefined, jwks_uri: url, hosts: ['ehr.example'] };
}

describe('nobody is registered with', () => {
  it.each(REFUSED)('$which', async ({ changes }) => {
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const answer = await register(metadata(changes()), headers);
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
