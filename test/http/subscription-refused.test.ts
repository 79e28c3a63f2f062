import type { Subscription } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { elementsOf, verdict } from './answers.ts';
import { storedRows } from './ledger.ts';
import { freshBsn, GP, KARIM, NOOR, UNREGISTERED } from './people.ts';
import { organization } from './resources.ts';
import { birthDate, criteria, gateway, source, subscription } from './subscription-bodies.ts';

const server = useTestServer();

const BSN = freshBsn();
/** Nine digits that fail the eleven-test. */
const NO_BSN = ['999900', '007'].join('');
const send = (body: unknown) => server().fhir('/Subscription', { as: 'gp', body });
const ENDPOINT = 'Subscription.channel.endpoint';
const HEADER = 'Subscription.channel.header[0]';
const CRITERIA = 'Subscription.criteria';

type Change = (body: Subscription) => object;

const withChannel = (change: object) => (body: Subscription) => ({ ...body, channel: { ...body.channel, ...change } });
const withEndpoint = (endpoint: string) => withChannel({ endpoint });
const withHeader = (...header: string[]) => withChannel({ header });
const withCriteria = (text: string) => (body: Subscription) => ({ ...body, criteria: text });
const withExtension =
  (...extension: object[]) =>
  (body: Subscription) => ({ ...body, extension });
const without = (name: 'status' | 'reason' | 'criteria' | 'channel') => (body: Subscription) =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name));
const withoutPayload: Change = ({ channel, ...body }) => ({
  ...body,
  channel: { type: channel.type, endpoint: channel.endpoint },
});

const REFUSED: readonly (readonly [what: string, change: Change, expected: string, element: string])[] = [
  ['reason XYZ', (body) => ({ ...body, reason: 'XYZ' }), '422 value-fixed', 'Subscription.reason'],
  ['no reason', without('reason'), '422 element-missing', 'Subscription.reason'],
  ['no status', without('status'), '422 element-missing', 'Subscription.status'],
  ['status active', (body) => ({ ...body, status: 'active' }), '422 status-not-requested', 'Subscription.status'],
  ['status error', (body) => ({ ...body, status: 'error' }), '422 status-not-requested', 'Subscription.status'],
  ['status off', (body) => ({ ...body, status: 'off' }), '422 akk-sub-2', 'Subscription.status'],
  ['status none knows', (body) => ({ ...body, status: 'new' as 'off' }), '422 code-unknown', 'Subscription.status'],
  ['no criteria', without('criteria'), '422 element-missing', CRITERIA],
  ['criteria without type', withCriteria(criteria(BSN).replace('&providertype=Z3', '')), '422 akk-sub-3', CRITERIA],
  ['criteria with another query', withCriteria(criteria(BSN).replace('otv', 'all')), '422 akk-sub-3', CRITERIA],
  ['criteria with more', withCriteria(`${criteria(BSN)}&status=active`), '422 akk-sub-3', CRITERIA],
  ['criteria in another order', withCriteria(`Consent?patientid=${BSN}&_query=otv`), '422 akk-sub-3', CRITERIA],
  [
    'criteria about something else',
    withCriteria(criteria(BSN).replace('Consent', 'Patient')),
    '422 akk-sub-3',
    CRITERIA,
  ],
  ['a patient number that fails the eleven-test', withCriteria(criteria(NO_BSN)), '400 bsn-invalid', CRITERIA],
  ['a patient number of zeros', withCriteria(criteria('000000000')), '400 bsn-invalid', CRITERIA],
  ['another organisation', withCriteria(criteria(BSN, UNREGISTERED)), '403 not-own-organization', CRITERIA],
  ['a type nobody knows', withCriteria(criteria(BSN, GP, 'ZZZ')), '422 type-contradicts-registry', CRITERIA],
  ['a type of another kind', withCriteria(criteria(BSN, GP, 'V4')), '422 type-contradicts-registry', CRITERIA],
  ['no channel', without('channel'), '422 element-missing', 'Subscription.channel'],
  ['channel email', withChannel({ type: 'email' }), '422 value-fixed', 'Subscription.channel.type'],
  ['channel websocket', withChannel({ type: 'websocket' }), '422 value-fixed', 'Subscription.channel.type'],
  ['no payload', withoutPayload, '422 element-missing', 'Subscription.channel.payload'],
  ['payload XML', withChannel({ payload: 'application/fhir+xml' }), '422 value-fixed', 'Subscription.channel.payload'],
  ['no endpoint', withChannel({ endpoint: undefined }), '422 element-missing', ENDPOINT],
  ['a relative endpoint', withEndpoint('/hook'), '422 akk-sub-4', ENDPOINT],
  ['an endpoint of mail', withEndpoint('mailto:gp@ehr.example'), '422 akk-sub-4', ENDPOINT],
  ['an endpoint with user info', withEndpoint('https://me:pass@ehr.example/x'), '422 akk-sub-4', ENDPOINT],
  ['an endpoint with a fragment', withEndpoint('https://ehr.example/x#y'), '422 akk-sub-4', ENDPOINT],
  ['an endpoint without host', withEndpoint('https:///x'), '422 akk-sub-4', ENDPOINT],
  ['an endpoint with a backslash', withEndpoint('https://ehr.example\\evil'), '422 endpoint-invalid', ENDPOINT],
  ['an endpoint with an impossible port', withEndpoint('https://ehr.example:99999/'), '422 endpoint-invalid', ENDPOINT],
  ['an endpoint that names the patient', withEndpoint(`https://ehr.example/${BSN}`), '422 bsn-in-url', ENDPOINT],
  ['a very long endpoint', withEndpoint(`https://ehr.example/${'x'.repeat(1000)}`), '422 akk-sub-4', ENDPOINT],
  ['a header without name', withHeader('value'), '422 akk-sub-5', HEADER],
  ['a header of two lines', withHeader('A: b\r\nC: d'), '422 akk-sub-5', HEADER],
  ['a header that ends in a line feed', withHeader('A: b\n'), '422 akk-sub-5', HEADER],
  ['a header outside ASCII', withHeader('A: café'), '422 akk-sub-5', HEADER],
  ['a header Host', withHeader('Host: evil.example'), '422 akk-sub-5', HEADER],
  ['a header content-length', withHeader('content-length: 5'), '422 akk-sub-5', HEADER],
  ['a header Transfer-Encoding', withHeader('Transfer-Encoding: chunked'), '422 akk-sub-5', HEADER],
  ['a header Connection', withHeader('connection: close'), '422 akk-sub-5', HEADER],
  ['a header of the signature', withHeader('Webhook-Signature: v1,x'), '422 akk-sub-5', HEADER],
  [
    'eleven headers',
    withHeader(...Array<string>(11).fill('A: b')),
    '422 element-too-many',
    'Subscription.channel.header',
  ],
  [
    'an unknown extension',
    withExtension({ url: 'http://fhir.nl/StructureDefinition/Unknown', valueString: 'x' }),
    '422 extension-unknown',
    'Subscription.extension[0]',
  ],
  [
    'a birth date as text',
    withExtension({ url: birthDate('1980').url, valueString: '1980' }),
    '422 type-wrong',
    'Subscription.extension[0].value',
  ],
  [
    'a birth date that does not exist',
    withExtension(birthDate('1980-02-30')),
    '400 date-invalid',
    'Subscription.extension[0].value',
  ],
  [
    'a birth date in the future',
    withExtension(gateway('urn:oid:1.2'), birthDate('2999-01-01')),
    '422 birth-date-in-future',
    'Subscription.extension[1].value',
  ],
  [
    'a gateway that is no OID',
    withExtension({ url: gateway('').url, valueOid: '1.2.3' }),
    '422 element-invalid',
    'Subscription.extension[0].value[x]',
  ],
  [
    'two source systems',
    withExtension(source('urn:oid:1.2'), source('urn:oid:1.3')),
    '422 element-too-many',
    `Subscription.extension('${source('').url}')`,
  ],
  [
    'contacts',
    (body) => ({ ...body, contact: [{ system: 'phone', value: '1' }] }),
    '422 element-forbidden',
    'Subscription.contact',
  ],
  ['an end', (body) => ({ ...body, end: '2030-01-01T00:00:00Z' }), '422 element-forbidden', 'Subscription.end'],
  ['an error', (body) => ({ ...body, error: 'x' }), '422 element-forbidden', 'Subscription.error'],
  ['a tag', (body) => ({ ...body, meta: { tag: [{ code: 'x' }] } }), '422 element-forbidden', 'Subscription.meta.tag'],
  ['something unknown', (body) => ({ ...body, colour: 'red' }), '422 element-unknown', 'Subscription.colour'],
];

describe('a Subscription that cannot be (scenario 24)', () => {
  it.each(REFUSED)('%s: nothing is stored', async (_, change, expected, element) => {
    const before = await storedRows(server());
    const answer = await send(change(subscription(BSN)));
    expect(verdict(answer)).toBe(expected);
    expect(elementsOf(answer)).toContain(element);
    expect(JSON.stringify(answer.body)).not.toContain(BSN);
    expect(await storedRows(server())).toEqual(before);
  });

  it.each([
    ['no JSON', '{', '400 json-syntax'],
    ['another resource', { resourceType: 'Patient' }, '400 resource-type'],
  ])('%s is refused too', async (_, body, expected) => {
    expect(verdict(await send(body))).toBe(expected);
  });

  it('is refused as a change too, and what stands stays', async () => {
    const { body } = await server().fhir<Subscription>('/Subscription', { as: 'gp', body: subscription(BSN) });
    const path = `/Subscription/${body.id ?? ''}`;
    for (const [, change] of REFUSED) {
      const changed = change(subscription(BSN));
      if ((changed as Subscription).status === 'active') continue;
      const answer = await server().fhir(path, { method: 'PUT', as: 'gp', body: changed });
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect((await server().fhir(path, { as: 'gp' })).body).toEqual(body);
  });

  it('would be accepted without what is wrong with it', async () => {
    const header = ['Authorization: Bearer abc=', 'X-Tenant:7'];
    const extension = [birthDate('1980-02'), gateway('urn:oid:1.2'), source('urn:oid:1.3')];
    for (const body of [
      { ...subscription(freshBsn(), { header, endpoint: 'https://127.0.0.1:9/x?y=z&q=%20' }), extension },
      subscription(freshBsn(), { endpoint: 'https://127.0.0.1:9' }),
    ])
      expect((await send(body)).status).toBe(201);
  });
});

describe('an organisation that is not in care, or not registered any more', () => {
  it('registers nobody', async () => {
    const found = await server().fhir<{ entry?: { resource: { id: string } }[] }>(
      `/Organization?identifier=${encodeURIComponent('http://fhir.nl/fhir/NamingSystem/ura|90000382')}`,
      { as: 'admin' },
    );
    const path = `/Organization/${found.body.entry?.[0]?.resource.id ?? ''}`;
    const body = subscription(freshBsn(), { ura: '90000382', type: 'L1' });
    await server().fhir(path, { method: 'DELETE', as: 'admin' });
    const before = await storedRows(server());
    expect(verdict(await server().fhir('/Subscription', { as: 'laboratory', body }))).toBe('401 unknown-client');
    expect(await storedRows(server())).toEqual(before);
    await server().fhir('/Organization', { as: 'admin', body: organization('90000382', { name: 'Lab' }) });
    expect(verdict(await server().fhir('/Subscription', { as: 'laboratory', body }))).toBe(
      '422 type-contradicts-registry',
    );
  });
});

describe('the log of the application', () => {
  it('holds no BSN, endpoint or header of any of these', () => {
    const text = server().logged.join('\n');
    for (const word of [BSN, NOOR, KARIM, 'ehr.example', 'Bearer']) expect(text).not.toContain(word);
  });
});
