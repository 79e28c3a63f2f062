import { freshBsn, KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { patient } from '../http/resources.ts';
import { type Answer, type Call, useTestServer } from '../setup/test-server.ts';

const server = useTestServer();
const bsn = freshBsn();
const NOTHING = { resourceType: 'Parameters' };

/** One answer of every kind that may hold something of a person, or a credential. */
const PERSONAL: readonly [name: string, path: string, call: Call, status: number][] = [
  ['a decision', '/fhir/Consent/$check', { as: 'gp', body: question(KARIM) }, 200],
  ['a new resource', '/fhir/Patient', { as: `citizen:${bsn}`, body: patient(bsn) }, 201],
  ['a search', '/fhir/Consent?status=active', { as: `citizen:${KARIM}` }, 200],
  ['an access log', '/fhir/Patient/$access-log', { as: `citizen:${KARIM}`, method: 'POST', body: NOTHING }, 200],
  ['the log', '/fhir/AuditEvent?_count=1', { as: 'auditor' }, 200],
  ['a refusal of the caller', '/fhir/Consent?status=active', {}, 401],
  ['a refusal of the request', '/fhir/Consent?colour=red', { as: 'gp' }, 400],
  ['what is not there', '/fhir/Patient/x', { as: `citizen:${KARIM}` }, 404],
  ['no address', '/nothing', {}, 404],
  ['a refused token request', '/oauth/token', { body: 'grant_type=client_credentials' }, 401],
  ['no address of the authorisation server', '/oauth/nothing', {}, 404],
  ['the page of an address', '/email/confirm', {}, 200],
];

const ORIGIN = { Origin: 'https://other.example' };

async function ask(path: string, call: Call): Promise<Answer<unknown>> {
  return server().ask(path, { ...call, headers: { ...ORIGIN, ...call.headers } });
}

describe.each(PERSONAL)('%s', (_, path, call, status) => {
  it('is kept by nobody on the way, is nothing but what it says it is, and says nothing of the server', async () => {
    const answer = await ask(path, call);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('cache-control')).toContain('no-store');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=');
    expect(answer.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    for (const name of ['server', 'x-powered-by', 'via']) expect(answer.headers.get(name)).toBeNull();
  });

  it('is for no page of another origin', async () => {
    const { headers } = await ask(path, call);
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    const asked = await server().ask(path, {
      method: 'options',
      headers: {
        ...ORIGIN,
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      },
    });
    expect([...asked.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });
});
