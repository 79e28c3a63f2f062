import type { Bundle } from '@medplum/fhirtypes';
import { entriesOf, verdict } from '../http/answers.ts';
import { get, post, sendBundle, statusesOf } from '../http/bundle.ts';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshBsn, freshUra, GP, KARIM, NOOR } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { changeClient } from '../http/registered-client.ts';
import { consent, organization, patient } from '../http/resources.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';
import { withScopes } from './token-with.ts';

const server = useTestServer();

const ask = async (who: string, scopes: readonly string[], path: string, call: Call = {}) =>
  server().fhir<Bundle>(path, {
    ...call,
    headers: { ...call.headers, ...(await withScopes(server(), who, scopes)) },
  });

const ORGANIZATIONS = `/Organization?identifier=${GP}`;

describe('a scope that SMART does not define', () => {
  it.each([
    ['system/Organization.sr', '403 insufficient-scope'],
    ['system/Organization.dus', '403 insufficient-scope'],
    ['system/Organization.sruc', '403 insufficient-scope'],
    ['system/Organization.ss', '403 insufficient-scope'],
    ['system/Organization.*', '403 insufficient-scope'],
    ['system/Organization.read', '403 insufficient-scope'],
    ['system/*.*', '403 insufficient-scope'],
    ['system/Organization.rs?active=true', '403 insufficient-scope'],
    ['patient/Organization.rs', '403 insufficient-scope'],
    ['', '403 insufficient-scope'],
    ['system/Organization.rs', '200'],
    ['system/*.rs', '200'],
    ['system/Organization.dus system/Organization.s *.*', '200'],
    ['system/Organization.rs system/Organization.rs', '200'],
  ])('gives nothing, and spoils nothing: %j', async (scope, expected) => {
    const { id, headers } = namedRequest();
    expect(verdict(await ask('gp', [scope], ORGANIZATIONS, { headers }))).toBe(expected);
    const [record] = await logged(server(), id);
    expect(record).toMatchObject({ client: 'gp', outcome: expected === '200' ? '0' : '4' });
  });

  it('does no harm by its length, in a token or in the registry', async () => {
    const long = Array.from({ length: 300 }, (_, index) => `undefined-${index}`);
    expect(verdict(await ask('gp', long, ORGANIZATIONS))).toBe('403 insufficient-scope');
    expect(verdict(await ask('gp', [...long, 'system/Organization.rs'], ORGANIZATIONS))).toBe('200');
    expect(verdict(await ask('gp', [`system/${'A'.repeat(8192)}.rs`], ORGANIZATIONS))).toBe('401 token-missing');
    // More than Node takes of headers: it never comes to us.
    expect((await ask('gp', [`system/${'A'.repeat(32_768)}.rs`], ORGANIZATIONS)).status).toBe(431);
    const restore = await changeClient(server(), 'gp', { scopes: [...long, `system/${'A'.repeat(32_768)}.rs`] });
    expect(verdict(await server().fhir(ORGANIZATIONS, { as: 'gp' }))).toBe('403 insufficient-scope');
    await restore();
    expect(verdict(await server().fhir(ORGANIZATIONS, { as: 'gp' }))).toBe('200');
  });
});

describe('what the registry allows a client', () => {
  it('is never widened by its token', async () => {
    const everything = ['system/*.cruds', 'akkoord/consent.check', 'akkoord/consent.locate'];
    const asked: readonly (readonly [string, Call])[] = [
      ['/Consent?status=active', {}],
      ['/Subscription?status=active', {}],
      ['/Consent/$check', { body: question(KARIM) }],
    ];
    for (const [path, call] of asked) expect(verdict(await ask('gp', everything, path, call))).toBe('200');
    const restore = await changeClient(server(), 'gp', { scopes: ['system/Organization.r', 'system/Consent.r'] });
    for (const [path, call] of asked) {
      expect(verdict(await ask('gp', everything, path, call))).toBe('403 insufficient-scope');
    }
    await restore();
    for (const [path, call] of asked) expect(verdict(await ask('gp', everything, path, call))).toBe('200');
  });

  it('is never widened by its role either, nor its role by scopes', async () => {
    const restore = await changeClient(server(), 'gp', { scopes: ['system/*.cruds', 'akkoord/audit.read'] });
    const everything = ['system/*.cruds', 'akkoord/audit.read'];
    for (const path of ['/Patient?birthdate=1980', '/AuditEvent', '/Patient/_history'])
      expect(verdict(await ask('gp', everything, path))).toBe('403 not-permitted');
    expect(verdict(await ask('gp', everything, '/Organization', { body: organization(freshUra()) }))).toBe(
      '403 not-permitted',
    );
    await restore();
  });
});

describe('what an interaction does on the way', () => {
  const own = freshBsn();
  const who = `citizen:${own}`;
  const typesIn = async (scopes: readonly string[], path: string) =>
    entriesOf(await ask(who, scopes, path)).map(({ resourceType }) => resourceType);

  beforeAll(async () => {
    await server().fhir('/Patient', { as: who, body: patient(own) });
    await server().fhir('/Consent', { as: who, body: consent(own) });
  });

  it('is allowed by itself: a search includes only what the caller may read', async () => {
    const path = '/Consent?status=active&_include=Consent:patient';
    expect(await typesIn(['patient/Consent.rs', 'patient/Patient.r'], path)).toEqual(['Consent', 'Patient']);
    expect(await typesIn(['patient/Consent.rs', 'patient/Patient.s'], path)).toEqual(['Consent']);
    expect(await typesIn(['patient/Consent.rs'], path)).toEqual(['Consent']);
  });

  it('is allowed by itself: what refers to a match is included only for who may search it', async () => {
    const path = '/Patient?birthdate=1980-02-29&_revinclude=Consent:patient';
    expect(await typesIn(['patient/Patient.rs', 'patient/Consent.s'], path)).toEqual(['Patient', 'Consent']);
    expect(await typesIn(['patient/Patient.rs', 'patient/Consent.r'], path)).toEqual(['Patient']);
    expect(await typesIn(['patient/Patient.rs'], path)).toEqual(['Patient']);
  });

  it('is allowed by itself: a condition, and the history of a type, are searches', async () => {
    const ura = freshUra();
    const letters = (some: string) => [`system/Organization.${some}`];
    const condition = `identifier=${ura}`;
    const create = { headers: { 'If-None-Exist': condition }, body: organization(ura) };
    const update = { method: 'PUT', body: organization(ura, { name: 'Anders' }) };
    const before = await storedRows(server());
    expect(verdict(await ask('admin', letters('c'), '/Organization', create))).toBe('403 insufficient-scope');
    expect(verdict(await ask('admin', letters('cu'), `/Organization?${condition}`, update))).toBe(
      '403 insufficient-scope',
    );
    expect(verdict(await ask('admin', letters('d'), `/Organization?${condition}`, { method: 'DELETE' }))).toBe(
      '403 insufficient-scope',
    );
    expect(verdict(await ask('admin', letters('r'), '/Organization/_history'))).toBe('403 insufficient-scope');
    expect(await storedRows(server())).toEqual(before);
    expect(verdict(await ask('admin', letters('cs'), '/Organization', create))).toBe('201');
    expect(verdict(await ask('admin', letters('us'), `/Organization?${condition}`, update))).toBe('200');
    expect(verdict(await ask('admin', letters('rs'), '/Organization/_history'))).toBe('200');
    expect((await ask('admin', letters('ds'), `/Organization?${condition}`, { method: 'DELETE' })).status).toBe(204);
  });
});

describe('a Bundle that mixes what is allowed with what is not', () => {
  const entries = (bsn: string, other: string) => [
    post(consent(bsn)),
    post(consent(other)),
    get('Consent?status=active'),
  ];

  it('is judged entry by entry as a batch', async () => {
    const [bsn, other] = [freshBsn(), NOOR];
    const answer = await sendBundle(server(), `citizen:${bsn}`, 'batch', entries(bsn, other));
    expect(statusesOf(answer)).toEqual(['201', '403', '200']);
    expect((await server().fhir<Bundle>('/Consent?status=active', { as: `citizen:${bsn}` })).body.entry).toHaveLength(
      1,
    );
  });

  it('is refused whole as a transaction, wherever the forbidden entry stands, and recorded once', async () => {
    const [bsn, other] = [freshBsn(), NOOR];
    const before = await storedRows(server());
    for (const turn of [0, 1, 2]) {
      const { id, headers } = namedRequest();
      const all = entries(bsn, other);
      const turned = [...all.slice(turn), ...all.slice(0, turn)];
      const answer = await sendBundle(server(), `citizen:${bsn}`, 'transaction', turned, headers);
      expect(verdict(answer)).toBe('403 not-own-record');
      const records = await logged(server(), id);
      expect(records).toMatchObject([
        { outcome: '4', detail: { problem: 'not-own-record', failed: 'Consent.create' } },
      ]);
    }
    expect(await storedRows(server())).toEqual(before);
    const allowed = await sendBundle(server(), `citizen:${bsn}`, 'transaction', [post(consent(bsn))]);
    expect(statusesOf(allowed)).toEqual(['201']);
  });

  it('is judged by the scopes of its token, entry by entry and as a whole', async () => {
    const bsn = freshBsn();
    const entry = [get('Organization?active=true&_count=1'), post(consent(bsn))];
    const send = (type: string) =>
      ask(`citizen:${bsn}`, ['patient/Organization.rs'], '/', { body: { resourceType: 'Bundle', type, entry } });
    expect(statusesOf(await send('batch'))).toEqual(['200', '403']);
    expect(verdict(await send('transaction'))).toBe('403 insufficient-scope');
  });
});
