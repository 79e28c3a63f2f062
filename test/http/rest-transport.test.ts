import { gzipSync } from 'node:zlib';
import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { freshBsn, freshUra, GP, KARIM } from './people.ts';
import { question } from './questions.ts';
import { rawRequest } from './raw-request.ts';
import { organization, patient } from './resources.ts';

const server = useTestServer();
const raw = async (path: string, as: string | undefined, call: Parameters<typeof rawRequest>[2] = {}) => {
  const authorization = as === undefined ? {} : { Authorization: `Bearer ${await server().token(as)}` };
  return rawRequest(server().baseUrl, path, { ...call, headers: { ...authorization, ...call.headers } });
};

describe('a method that an address does not take', () => {
  it.each([
    ['POST', '/Consent/x', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['DELETE', '/Consent/x/_history', 'GET, HEAD'],
    ['PUT', '/Consent/x/_history/1', 'GET, HEAD'],
    ['GET', '/Consent/$check', 'POST'],
    ['PUT', '/AuditEvent/x', 'GET, HEAD'],
    ['POST', '/AuditEvent', 'GET, HEAD'],
    ['DELETE', '/AuditEvent/x', 'GET, HEAD'],
    ['POST', '/metadata', 'GET, HEAD'],
    ['PUT', '/StructureDefinition/akkoord-consent', 'GET, HEAD'],
    ['GET', '/', 'POST'],
    ['OPTIONS', '/Consent', 'POST, PUT, PATCH, DELETE, GET, HEAD'],
    ['PROPFIND', '/Consent', 'POST, PUT, PATCH, DELETE, GET, HEAD'],
  ])('is refused: %s %s', async (method, path, allowed) => {
    const answer = await raw(`/fhir${path}`, 'gp', { method });
    expect(answer.status).toBe(405);
    const methods = (text: unknown) => String(text).split(', ').sort();
    expect(methods(answer.headers['allow'])).toEqual(methods(allowed));
    expect(answer.text).toContain('method-not-allowed');
  });

  it('is not smuggled in by a header or a parameter', async () => {
    const headers = { 'X-HTTP-Method-Override': 'DELETE', 'X-HTTP-Method': 'DELETE' };
    const [found] = (
      await server().fhir<{ entry: { resource: { id: string } }[] }>(`/Organization?identifier=${GP}`, { as: 'admin' })
    ).body.entry;
    const path = `/Organization/${found?.resource.id ?? ''}`;
    expect((await server().fhir(`${path}?_method=DELETE`, { as: 'admin', headers })).status).toBe(200);
    expect((await server().fhir(path, { as: 'admin' })).status).toBe(200);
  });
});

describe('HEAD', () => {
  it.each(['/metadata', `/Organization?identifier=${GP}`, '/StructureDefinition/akkoord-consent'])(
    'answers %s as GET does, without the body',
    async (path) => {
      const got = await raw(`/fhir${path}`, 'gp');
      const asked = await raw(`/fhir${path}`, 'gp', { method: 'HEAD' });
      expect([asked.status, asked.text]).toEqual([200, '']);
      expect(asked.headers['content-type']).toBe(got.headers['content-type']);
      expect(asked.headers['etag']).toBe(got.headers['etag']);
    },
  );

  it('answers an unknown id with 404, without a body', async () => {
    const asked = await raw('/fhir/Organization/nothing', 'gp', { method: 'HEAD' });
    expect([asked.status, asked.text]).toEqual([404, '']);
  });
});

describe('an address that is nothing', () => {
  it.each([
    '/fhir/Observation',
    '/fhir/Consent/x/y',
    '/fhir/Consent/$unknown',
    '/fhir/Consent/x/$check',
    '/fhir//Consent',
    '/fhir/Consent//',
    '/fhir/./metadata',
    '/fhir/x/../metadata',
    '/fhir/%2e%2e/metadata',
    '/fhir/x%2F..%2Fmetadata',
    '/fhir/metadata%00',
    '/fhir/metadata.',
    '/fhir/Metadata',
    '/fhir/consent',
    '/fhir/Consent/a%20b',
    '/fhir/Consent;x=1',
    `/fhir/Consent/${'a'.repeat(65)}`,
    '/fhir/__proto__',
    '/fhir/constructor/prototype',
    '//fhir/metadata',
    '/FHIR/metadata',
    '/Fhir/Organization',
    '/fhirx/metadata',
    '/health',
    '/Metrics',
    '/.env',
  ])('is not found: %s', async (path) => {
    for (const as of ['admin', undefined]) {
      const answer = await raw(path, as);
      expect(answer.status).toBe(404);
      expect(answer.headers['content-type']).toBe('application/fhir+json; charset=utf-8');
      expect(JSON.parse(answer.text)).toMatchObject({ resourceType: 'OperationOutcome' });
    }
  });

  it.each([
    '/fhir/metadata/',
    '/fhir/metadata',
    '/fhir/metadata?_format=json',
    '/fhir/metadata?_format=application/fhir%2Bjson',
  ])('is not this one: %s', async (path) => {
    expect((await raw(path, undefined)).status).toBe(200);
  });

  it('may end in one slash wherever it may end without', async () => {
    expect((await raw('/fhir/Organization/', 'gp')).status).toBe(200);
    expect((await raw('/fhir/Organization/?name=De', 'gp')).status).toBe(200);
  });
});

describe('what a caller accepts', () => {
  it.each([
    ['application/fhir+json', 200],
    ['application/json', 200],
    ['application/fhir+json; fhirVersion=4.0', 200],
    ['application/fhir+json;q=0.9, application/fhir+xml', 200],
    ['text/html, */*;q=0.1', 200],
    ['*/*', 200],
    ['', 200],
    ['application/fhir+xml', 406],
    ['text/html', 406],
    ['application/fhir+json;q=0', 406],
    ['nonsense', 406],
  ])('%s is answered with %i', async (accept, status) => {
    expect((await raw('/fhir/metadata', undefined, { headers: { Accept: accept } })).status).toBe(status);
    expect((await raw(`/fhir/Organization`, 'gp', { headers: { Accept: accept } })).status).toBe(status);
  });

  it.each([
    ['xml', 406],
    ['json', 200],
    ['application/json', 200],
    ['text/json', 200],
    ['application/fhir+json', 200],
    ['application/fhir%2Bjson', 200],
    ['application/fhir%20json', 200],
    ['application/fhir+xml', 406],
  ])('_format=%s beats the header: %i', async (format, status) => {
    const headers = { Accept: status === 200 ? 'application/fhir+xml' : 'application/fhir+json' };
    for (const path of ['/fhir/Organization?name=De&', '/fhir/metadata?', '/fhir/Organization/_history?']) {
      const answer = await raw(`${path}_format=${format}`, 'gp', { headers });
      expect([path, answer.status]).toEqual([path, status]);
    }
  });
});

describe('the type of a body', () => {
  const body = () => JSON.stringify(organization(freshUra()));

  it.each([
    ['application/fhir+json', 201],
    ['application/json', 201],
    ['application/fhir+json; charset=utf-8', 201],
    ['application/fhir+json; charset="UTF-8"; fhirVersion=4.0', 201],
    ['APPLICATION/FHIR+JSON', 201],
    ['application/fhir+json; charset=iso-8859-1', 415],
    ['application/fhir+json; charset=utf-16', 415],
    ['application/fhir+xml', 415],
    ['text/plain', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/json-patch+json', 415],
    ['', 415],
  ])('%s is answered with %i', async (type, status) => {
    const answer = await raw('/fhir/Organization', 'admin', {
      method: 'POST',
      headers: type === '' ? {} : { 'Content-Type': type },
      body: body(),
    });
    expect(answer.status).toBe(status);
  });

  it('of a search is a form', async () => {
    const call = (type: string) => ({ method: 'POST', headers: { 'Content-Type': type }, body: 'name=De' });
    expect((await raw('/fhir/Organization/_search', 'gp', call('application/x-www-form-urlencoded'))).status).toBe(200);
    expect((await raw('/fhir/Organization/_search', 'gp', call('application/fhir+json'))).status).toBe(415);
  });

  it('may be compressed in a way that is known here', async () => {
    const call = (encoding: string, bytes: Buffer) => ({
      method: 'POST',
      headers: { 'Content-Type': 'application/fhir+json', 'Content-Encoding': encoding },
      body: bytes,
    });
    const bytes = Buffer.from(body());
    expect((await raw('/fhir/Organization', 'admin', call('gzip', gzipSync(bytes)))).status).toBe(201);
    expect((await raw('/fhir/Organization', 'admin', call('gzip', bytes))).status).toBe(400);
    expect((await raw('/fhir/Organization', 'admin', call('zstd-x', bytes))).status).toBe(415);
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    expect((await raw('/fhir/Organization', 'admin', call('gzip', bomb))).status).toBe(413);
  });
});

describe('a token', () => {
  const asked = (authorization: Record<string, string>) =>
    rawRequest(server().baseUrl, '/fhir/Consent/$check', {
      method: 'POST',
      headers: { 'Content-Type': 'application/fhir+json', ...authorization },
      body: JSON.stringify(question(KARIM)),
    });

  it('that is good opens the door', async () => {
    expect((await asked({ Authorization: `Bearer ${await server().token('gp')}` })).status).toBe(200);
    expect((await asked({ Authorization: `bearer ${await server().token('gp')}` })).status).toBe(200);
  });

  it('that is anything else does not', async () => {
    const token = await server().token('gp');
    const [head = '', payload = '', signature = ''] = token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${payload}.`;
    const forged = `${head}.${Buffer.from('{"sub":"gp"}').toString('base64url')}.${signature}`;
    for (const authorization of [
      {},
      { Authorization: '' },
      { Authorization: 'Bearer' },
      { Authorization: `Basic ${token}` },
      { Authorization: `Bearer ${token}x` },
      { Authorization: `Bearer ${unsigned}` },
      { Authorization: `Bearer ${forged}` },
      { Authorization: `Bearer ${'a'.repeat(10_000)}` },
      { Cookie: `token=${token}` },
    ]) {
      const answer = await asked(authorization);
      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(answer.text).not.toContain(signature);
    }
  });

  it('in the address counts for nothing', async () => {
    const path = `/fhir/Organization?access_token=${await server().token('gp')}`;
    expect((await rawRequest(server().baseUrl, path)).status).toBe(401);
  });
});

describe('the id of a request', () => {
  it.each([
    ['0197f3a0-7b1c-7def-8123-456789abcdef', true],
    ['4BF92F3577B34DA6A3CE929D0E0E4736', true],
    ['4bf92f3577b34da6a3ce929d0e0e473', false],
    ['abc-123', false],
    ['900186021', false],
    ['id:900186021', false],
    ['a'.repeat(65), false],
    ['a b', false],
    ['{{7*7}}', false],
  ])('%s comes back: %s', async (id, same) => {
    const answer = await raw('/fhir/metadata', undefined, { headers: { 'X-Request-Id': id } });
    expect(answer.headers['x-request-id'] === id).toBe(same);
  });
});

it('answers of the register are not kept by anyone on the way', async () => {
  const bsn = freshBsn();
  const answer = await server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const refused = await server().fhir('/Patient/x', { as: `citizen:${bsn}` });
  expect([verdict(refused), refused.headers.get('cache-control')]).toEqual(['404 not-found', 'no-store']);
  expect(answer.headers.get('x-powered-by')).toBeNull();
});
