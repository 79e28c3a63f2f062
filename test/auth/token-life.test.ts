import {
  allowInsecureRequests,
  clientCredentialsGrant,
  type Configuration,
  discovery,
  fetchProtectedResource,
  getDPoPHandle,
  modifyAssertion,
  PrivateKeyJwt,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client';
import { deleteExpiredTokens } from '../../src/storage/access-token.ts';
import { deleteExpiredIds } from '../../src/storage/used-id.ts';
import type { Parameters } from '@medplum/fhirtypes';
import { fhirKit, smartOnFhir } from '../http/clients.ts';
import { KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { changeClient } from '../http/registered-client.ts';
import { askToken, assertionOf, type ClientKey, newKey, registerKey } from '../security/oauth-client.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();
let key: ClientKey;

beforeAll(async () => {
  key = await newKey();
  await registerKey(server(), 'gp', key);
}, LIMIT_MS);

async function newToken(scope = 'akkoord/consent.check'): Promise<string> {
  return (await askToken(server(), await assertionOf(server(), 'gp', key), { scope })).body.access_token ?? '';
}

async function check(token: string): Promise<number> {
  const headers = { Authorization: `Bearer ${token}` };
  return (await server().fhir('/Consent/$check', { headers, body: question(KARIM) })).status;
}

const sql = (text: string, values: readonly unknown[] = []) => server().database.database.query(text, values);

describe('an access token', () => {
  it('counts for five minutes', async () => {
    const token = await newToken();
    expect(await check(token)).toBe(200);
    await sql('update access_token set expires_at = clock_timestamp()');
    expect(await check(token)).toBe(401);
  });

  it('stands nowhere in the database, as it is or as its text', async () => {
    const token = await newToken();
    const { rows } = await sql('select t::text as row from access_token as t');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(token).toString('hex'));
    expect(server().logged.join('\n')).not.toContain(token);
  });

  it('ends when its client is switched off, and what the registry takes away is gone from it at once', async () => {
    const token = await newToken('akkoord/consent.check system/Organization.rs');
    const undo = await changeClient(server(), 'gp', { scopes: ['system/Organization.rs'] });
    expect(await check(token)).toBe(403);
    await undo();
    expect(await check(token)).toBe(200);
    const undoToo = await changeClient(server(), 'gp', { active: false });
    expect(await check(token)).toBe(401);
    await undoToo();
  });

  it('is given for what was asked and is registered, and for nothing else', async () => {
    const ask = async (scope: string) => {
      const { status, body } = await askToken(server(), await assertionOf(server(), 'gp', key), { scope });
      return `${status} ${body.scope ?? body.error ?? ''}`;
    };
    expect(await ask('system/Consent.rs')).toBe('200 system/Consent.rs');
    expect(await ask('system/*.r')).toBe(
      '200 system/Consent.r system/Organization.r system/Subscription.r system/Provenance.r',
    );
    expect(await ask('system/Consent.cruds akkoord/audit.read')).toBe('200 system/Consent.rs');
    for (const scope of ['akkoord/audit.read', 'system/Consent.dus', 'patient/Consent.rs', 'openid', '']) {
      expect(await ask(scope)).toBe('400 invalid_scope');
    }
  });
});

/** The server, as a program with a library for OAuth sees it. */
async function connect(id = 'gp', by = key): Promise<Configuration> {
  const authentication = PrivateKeyJwt(
    { key: by.privateKey, kid: by.jwk.kid ?? '' },
    { [modifyAssertion]: (header) => void (header['typ'] = 'JWT') },
  );
  const options = { algorithm: 'oauth2' as const, execute: [allowInsecureRequests] };
  return discovery(new URL(`${server().baseUrl}/oauth`), id, undefined, authentication, options);
}

describe('openid-client', () => {
  it('finds the server, gets a token that other libraries ask with, looks at it and revokes it', async () => {
    const config = await connect();
    const { access_token: token, expires_in: life } = await clientCredentialsGrant(config, {
      scope: 'akkoord/consent.check',
    });
    expect(life).toBe(300);
    for (const make of [fhirKit, smartOnFhir]) {
      const answer = await make(server().baseUrl, token).check(question(KARIM) as Parameters);
      expect(answer.parameter?.[0]).toEqual({ name: 'decision', valueCode: 'permit' });
    }
    expect(await tokenIntrospection(config, token)).toMatchObject({ active: true, client_id: 'gp' });
    await tokenRevocation(config, token);
    expect(await tokenIntrospection(config, token)).toEqual({ active: false });
    expect(await check(token)).toBe(401);
  });

  it('gets a token that is bound to a key of its own', async () => {
    const undo = await changeClient(server(), 'gp', { binding: 'dpop' });
    const config = await connect();
    await expect(clientCredentialsGrant(config, { scope: 'akkoord/consent.check' })).rejects.toThrow();
    const { privateKey, publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
      'sign',
      'verify',
    ]);
    const proofs = getDPoPHandle(config, { privateKey, publicKey });
    const tokens = await clientCredentialsGrant(config, { scope: 'akkoord/consent.check' }, { DPoP: proofs });
    expect(tokens.token_type).toBe('dpop');
    const ask = new URL(`${server().baseUrl}/fhir/Consent/$check`);
    const headers = new Headers({ 'Content-Type': 'application/fhir+json' });
    const answer = await fetchProtectedResource(
      config,
      tokens.access_token,
      ask,
      'POST',
      JSON.stringify(question(KARIM)),
      headers,
      { DPoP: proofs },
    );
    expect(answer.status).toBe(200);
    expect(await check(tokens.access_token)).toBe(401);
    await undo();
  });

  it('sees nothing of a token of another client', async () => {
    const token = await newToken();
    const other = await newKey();
    const undo = await registerKey(server(), 'pharmacy', other);
    const config = await connect('pharmacy', other);
    expect(await tokenIntrospection(config, token)).toEqual({ active: false });
    await tokenRevocation(config, token);
    expect(await check(token)).toBe(200);
    await undo();
  });
});

describe('the descriptions of the server', () => {
  it('say the same, of this address, whatever the request says', async () => {
    const headers = { Host: 'evil.example', 'X-Forwarded-Host': 'evil.example' };
    const issuer = `${server().baseUrl}/oauth`;
    for (const path of ['/.well-known/oauth-authorization-server/oauth', '/fhir/.well-known/smart-configuration']) {
      const { status, body } = await server().ask(path, { headers });
      expect([status, body]).toEqual([
        200,
        expect.objectContaining({
          issuer,
          token_endpoint: `${issuer}/token`,
          grant_types_supported: ['client_credentials'],
          token_endpoint_auth_methods_supported: ['private_key_jwt'],
          token_endpoint_auth_signing_alg_values_supported: ['ES384', 'RS384'],
        }),
      ]);
    }
    const { body } = await server().ask('/fhir/.well-known/smart-configuration');
    expect(body).toMatchObject({ capabilities: ['client-confidential-asymmetric', 'permission-v2'] });
  });

  it.each(['auth', 'jwks', 'session/end', '.well-known/openid-configuration', 'me', 'token/', 'Token', 'request'])(
    'and nothing else of the library is there: %s',
    async (path) => {
      expect((await server().ask(`/oauth/${path}`)).status).toBe(404);
      expect((await server().ask(`/oauth/${path}`, { method: 'POST', body: '' })).status).toBe(404);
    },
  );
});

describe('what has expired', () => {
  it('is deleted by and by', async () => {
    await newToken();
    await sql(`update access_token set expires_at = clock_timestamp() - interval '1 second'`);
    await sql(`update used_id set expires_at = clock_timestamp() - interval '1 second'`);
    const alive = await newToken();
    const { database } = server().server.register;
    await deleteExpiredTokens(database);
    await deleteExpiredIds(database);
    expect((await sql('select from access_token')).rowCount).toBe(1);
    expect((await sql('select from used_id')).rowCount).toBe(1);
    expect(await check(alive)).toBe(200);
  });
});
