import { useTestServer } from '../setup/test-server.ts';
import { partsOf, verdict } from './answers.ts';
import { bundle, codeOf, get, operation, post, sendBundle, statusesOf } from './bundle.ts';
import type { Stored } from './kinds.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, freshUra, GP, KARIM } from './people.ts';
import { parameters, question, questionOf } from './questions.ts';
import { organization } from './resources.ts';

const server = useTestServer();

describe('a batch', () => {
  it('answers each entry in its own place, whatever becomes of the others', async () => {
    const ura = freshUra();
    const answer = await sendBundle(server(), 'admin', 'batch', [
      get(`Organization?identifier=${GP}`),
      get('Organization/nothing'),
      post(organization(ura)),
      post(organization(ura)),
      { request: { method: 'DELETE', url: 'Organization/nothing' } },
      get('metadata'),
      get('Observation'),
      post(organization('1234')),
    ]);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ resourceType: 'Bundle', type: 'batch-response' });
    expect(statusesOf(answer)).toEqual(['200', '404', '201', '409', '404', '200', '404', '422']);
    expect(answer.body.entry?.map(codeOf)).toEqual([
      undefined,
      'not-found',
      undefined,
      'ura-registered',
      'not-found',
      undefined,
      'no-such-route',
      expect.stringMatching(/^akk-|element-/),
    ]);
    const created = answer.body.entry?.[2]?.response;
    expect(created?.location).toMatch(/^Organization\/.+\/_history\/1$/);
    expect(created?.etag).toBe('W/"1"');
  });

  it('judges each entry by the permissions of its caller', async () => {
    const answer = await sendBundle(server(), 'gp', 'batch', [
      get(`Organization?identifier=${GP}`),
      post(organization(freshUra())),
      get('Patient/x'),
      get('AuditEvent'),
      operation('Consent/$check', question(KARIM)),
      operation('Consent/$check', question(KARIM, { holder: '00014332', requester: GP })),
      operation('Consent/$profile', parameters(questionOf(KARIM).slice(0, 1))),
    ]);
    expect(statusesOf(answer)).toEqual(['200', '403', '403', '403', '200', '403', '403']);
  });

  it('asks many questions', async () => {
    const bsn = freshBsn();
    const entries = [KARIM, bsn, KARIM].map((one) => operation('Consent/$check', question(one)));
    const answer = await sendBundle(server(), 'gp', 'batch', entries);
    const decisions = (answer.body.entry ?? []).map(
      ({ resource }) => partsOf({ status: 200, headers: new Headers(), body: resource })['decision']?.valueCode,
    );
    expect(decisions).toEqual(['permit', 'deny', 'permit']);
  });

  it('is open to a caller only', async () => {
    expect(verdict(await server().fhir('/', { body: bundle('batch', [get('metadata')]) }))).toBe('401 token-missing');
    expect((await sendBundle(server(), 'auditor', 'batch', [get('metadata')])).status).toBe(200);
  });

  it('breaks at no entry that cannot be read', async () => {
    const answer = await sendBundle(server(), 'admin', 'batch', [
      { request: { method: 'GET' } },
      { request: { method: 'TRACE', url: 'metadata' } },
      { request: { method: 'GET', url: 'https://example.org/fhir/metadata' } },
      { request: { method: 'GET', url: '../metadata' } },
      { resource: organization(freshUra()), request: { method: 'GET', url: 'Organization' } },
      { request: { method: 'POST', url: 'Organization' } },
      { resource: organization(freshUra()), request: { method: 'POST', url: 'Organization/_search' } },
      { resource: bundle('batch', []), request: { method: 'POST', url: '' } },
      { ...get('metadata'), extra: 1 },
      get(`Patient/${KARIM}`),
      get('Organization?colour=red'),
      get('metadata'),
    ]);
    expect(statusesOf(answer)).toEqual([...Array<string>(11).fill('400'), '200']);
    expect(JSON.stringify(answer.body)).not.toContain(KARIM);
  });

  it('keeps to preconditions of entries', async () => {
    const { body } = await server().fhir<Stored>('/Organization', { as: 'admin', body: organization(freshUra()) });
    const url = `Organization/${body.id}`;
    const change = (ifMatch: string) => ({ resource: body, request: { method: 'PUT', url, ifMatch } });
    const answer = await sendBundle(server(), 'admin', 'batch', [
      change('W/"7"'),
      change('W/"1"'),
      change('W/"1"'),
      { request: { method: 'GET', url, ifNoneMatch: 'W/"2"' } },
      { request: { method: 'GET', url, ifNoneMatch: 'W/"1"' } },
    ]);
    expect(statusesOf(answer)).toEqual(['412', '200', '412', '304', '200']);
  });

  it('patches with a Binary', async () => {
    const { body } = await server().fhir<Stored>('/Organization', { as: 'admin', body: organization(freshUra()) });
    const data = Buffer.from(JSON.stringify([{ op: 'replace', path: '/name', value: 'Anders' }])).toString('base64');
    const resource = { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
    const answer = await sendBundle(server(), 'admin', 'batch', [
      { resource, request: { method: 'PATCH', url: `Organization/${body.id}` } },
    ]);
    expect(statusesOf(answer)).toEqual(['200']);
    expect(answer.body.entry?.[0]?.resource).toMatchObject({ name: 'Anders' });
  });

  it('leaves a record of itself and of each entry', async () => {
    const { id, headers } = namedRequest();
    await sendBundle(
      server(),
      'gp',
      'batch',
      [
        get(`Organization?identifier=${GP}`),
        get('Organization/nothing'),
        get('AuditEvent'),
        get('Observation'),
        { request: { method: 'GET' } },
        { resource: organization(freshUra()), request: { method: 'POST', url: 'Organization/_search' } },
        operation('Consent/$check', question(KARIM)),
      ],
      headers,
    );
    const records = await logged(server(), id);
    expect(records.map(({ interaction, outcome }) => `${interaction} ${outcome}`).sort()).toEqual([
      'AuditEvent.search 4',
      'Consent.check 0',
      'Organization.read 4',
      'Organization.search 0',
      'batch 0',
      'unknown 4',
      'unknown 4',
      'unknown 4',
    ]);
    expect(new Set(records.map(({ client }) => client))).toEqual(new Set(['gp']));
  });
});
