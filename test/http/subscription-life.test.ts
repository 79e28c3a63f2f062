import type { Bundle, Subscription } from '@medplum/fhirtypes';
import { type Call, useTestServer } from '../setup/test-server.ts';
import { entriesOf, idsOf, verdict } from './answers.ts';
import { post, sendBundle, statusesOf } from './bundle.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { freshBsn, GP, PHARMACY } from './people.ts';
import { BSN_SYSTEM } from './resources.ts';
import { freshEndpoint, SECRET_EXTENSION, subscription } from './subscription-bodies.ts';

const server = useTestServer();

const as = 'gp';
const send = (body: unknown, call: Call = {}) => server().fhir<Subscription>('/Subscription', { as, body, ...call });
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const JSON_PATCH = { 'Content-Type': 'application/json-patch+json' };

async function registered(bsn = freshBsn(), more = {}): Promise<Subscription & { id: string; path: string }> {
  const { status, body } = await send(subscription(bsn, more));
  if (status !== 201) throw new Error(JSON.stringify(body));
  const id = body.id ?? '';
  return { ...body, id, path: `/Subscription/${id}` };
}

const secretIn = ({ extension = [] }: Subscription) =>
  extension.filter(({ url }) => url === SECRET_EXTENSION).map(({ valueString }) => valueString);

describe('registering a patient', () => {
  it('is answered with 201, the address, and the subscription as it stands from now on', async () => {
    const body = subscription(freshBsn(), { header: ['Authorization: Bearer abc'], source: 'urn:oid:2.16.840.1.1' });
    const answer = await send(body);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toMatch(new RegExp(`/Subscription/${answer.body.id ?? ''}/_history/1$`));
    const { extension = [], channel, criteria, reason } = body;
    expect(answer.body).toMatchObject({ status: 'active', channel, criteria, reason });
    expect(answer.body.extension?.slice(0, -1)).toEqual(extension);
    expect((await server().fhir(`/Subscription/${answer.body.id ?? ''}`, { as })).body).toEqual(answer.body);
  });

  it('twice is one registration, at the same address (scenario 25)', async () => {
    const body = subscription(freshBsn());
    const first = await send(body);
    const before = await storedRows(server());
    const second = await send(body);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(second.body).toEqual(first.body);
    expect(await storedRows(server())).toEqual(before);
  });

  it('twenty times at once is one registration too', async () => {
    const body = subscription(freshBsn());
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(19).fill(200), 201]);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1);
  });

  it.each([
    ['another endpoint', { endpoint: 'https://127.0.0.1:9/hook' }],
    ['a header', { header: ['X-Tenant: 7'] }],
    ['a birth date', { birthDate: '1980-01-01' }],
  ])('again with %s is the next version of the same', async (_, more) => {
    const bsn = freshBsn();
    const first = await registered(bsn);
    const answer = await send(subscription(bsn, more));
    expect([answer.status, answer.body.id, answer.body.meta?.versionId]).toEqual([200, first.id, '2']);
    const { channel, extension = [] } = subscription(bsn, more);
    expect(answer.body.channel).toEqual(channel);
    expect(answer.body.extension?.slice(0, -1)).toEqual(extension);
  });

  it.each([
    ['behind another gateway', { gateway: 'urn:oid:2.16.840.1.113883.2.4.6.6.1' }],
    ['in another source system', { source: 'urn:oid:2.16.840.1.113883.2.4.6.6.90000017' }],
  ])('%s is another registration', async (_, more) => {
    const bsn = freshBsn();
    const first = await registered(bsn);
    const answer = await send(subscription(bsn, more));
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(first.id);
  });

  it('after it was ended begins anew', async () => {
    const bsn = freshBsn();
    const first = await registered(bsn);
    await server().fhir(first.path, { method: 'DELETE', as });
    const answer = await send(subscription(bsn));
    expect(answer.status).toBe(201);
    expect(answer.body.id).not.toBe(first.id);
  });

  it('stands in the log of the patient, also when it is refused', async () => {
    const bsn = freshBsn();
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    for (const [who, outcome] of [
      ['gp', '0'],
      ['pharmacy', '4'],
    ] as const) {
      const { id, headers } = namedRequest();
      await send(subscription(bsn), { as: who, headers });
      expect(await logged(server(), id)).toMatchObject([
        { interaction: 'Subscription.create', outcome, client: who, about },
      ]);
    }
  });
});

describe('the secret of notifications', () => {
  it('is one for all subscriptions of a holder, and another for another holder', async () => {
    const bsn = freshBsn();
    const [one, other] = [await registered(), await registered(bsn)];
    const theirs = await send(subscription(bsn, { ura: PHARMACY, type: 'J8' }), { as: 'pharmacy' });
    expect(secretIn(one)).toEqual([expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)]);
    expect(secretIn(other)).toEqual(secretIn(one));
    expect(secretIn(theirs.body)).toHaveLength(1);
    expect(secretIn(theirs.body)).not.toEqual(secretIn(one));
  });

  it('is written by nobody else', async () => {
    const bsn = freshBsn();
    const extension = [{ url: SECRET_EXTENSION, valueString: 'whsec_mine' }];
    expect(verdict(await send({ ...subscription(bsn), extension }))).toBe('422 secret-not-given');
    const { path } = await registered(bsn);
    const put = await server().fhir(path, { method: 'PUT', as, body: { ...subscription(bsn), extension } });
    expect(verdict(put)).toBe('422 secret-not-given');
  });
});

describe('changing a subscription', () => {
  it('by PUT, as it was shown or as it would be sent, keeps its id', async () => {
    const bsn = freshBsn();
    const { path, id, ...shown } = await registered(bsn);
    const endpoint = freshEndpoint();
    const channel = { ...shown.channel, endpoint };
    const one = await server().fhir<Subscription>(path, { method: 'PUT', as, body: { ...shown, id, channel } });
    expect([one.status, one.body.channel.endpoint, one.body.meta?.versionId]).toEqual([200, endpoint, '2']);
    expect(secretIn(one.body)).toEqual(secretIn(shown));
    const other = await server().fhir<Subscription>(path, { method: 'PUT', as, body: subscription(bsn) });
    expect([other.status, other.body.status, other.body.meta?.versionId]).toEqual([200, 'active', '3']);
    expect(secretIn(other.body)).toEqual(secretIn(shown));
  });

  it('by JSON Patch, too', async () => {
    const { path } = await registered();
    const endpoint = freshEndpoint();
    const body = [{ op: 'replace', path: '/channel/endpoint', value: endpoint }];
    const answer = await server().fhir<Subscription>(path, { method: 'PATCH', as, body, headers: JSON_PATCH });
    expect([answer.status, answer.body.channel.endpoint]).toEqual([200, endpoint]);
  });

  it('never makes it about another patient', async () => {
    const { path } = await registered();
    const answer = await server().fhir(path, { method: 'PUT', as, body: subscription(freshBsn()) });
    expect(verdict(answer)).toBe('422 registration-changed');
  });

  it('cannot make two of the same', async () => {
    const bsn = freshBsn();
    await registered(bsn);
    const { path } = await registered(bsn, { gateway: 'urn:oid:1.2.3' });
    expect((await server().fhir(path, { method: 'PUT', as, body: subscription(bsn) })).status).toBe(409);
  });

  it('heeds If-Match', async () => {
    const bsn = freshBsn();
    const { path } = await registered(bsn);
    const put = (etag: string) =>
      server().fhir(path, { method: 'PUT', as, body: subscription(bsn), headers: { 'If-Match': etag } });
    expect((await put('W/"2"')).status).toBe(412);
    expect((await put('W/"1"')).status).toBe(200);
  });
});

describe('ending a subscription', () => {
  it('is 204, and 204 again; the history stays', async () => {
    const { path, id, ...first } = await registered();
    const end = () => server().fhir(path, { method: 'DELETE', as });
    expect([(await end()).status, (await end()).status]).toEqual([204, 204]);
    expect((await server().fhir(path, { as })).status).toBe(410);
    expect(idsOf(await server().fhir(`/Subscription?_id=${id}`, { as }))).toEqual([]);
    const history = await server().fhir<Bundle>(`${path}/_history`, { as });
    expect(history.body.entry?.map(({ request }) => request?.method)).toEqual(['DELETE', 'POST']);
    expect(history.body.entry?.[1]?.resource).toEqual({ ...first, id });
    expect((await server().fhir(`${path}/_history/1`, { as })).body).toEqual({ ...first, id });
  });
});

describe('searching subscriptions', () => {
  it('finds by id, status and moment, and by patient in a body', async () => {
    const bsn = freshBsn();
    const one = await registered(bsn);
    const other = await registered(bsn, { gateway: 'urn:oid:1.2.3' });
    await registered();
    expect(idsOf(await server().fhir(`/Subscription?_id=${one.id}`, { as }))).toEqual([one.id]);
    const active = idsOf(await server().fhir('/Subscription?status=active&_count=1000', { as }));
    expect(active).toEqual(expect.arrayContaining([one.id, other.id]));
    expect(idsOf(await server().fhir('/Subscription?status=error', { as }))).toEqual([]);
    const since = other.meta?.lastUpdated ?? '';
    expect(
      idsOf(await server().fhir(`/Subscription?_lastUpdated=ge${since}&_id=${one.id},${other.id}`, { as })),
    ).toEqual([other.id]);
    const body = new URLSearchParams({ 'patient.identifier': `${BSN_SYSTEM}|${bsn}` }).toString();
    const found = await server().fhir('/Subscription/_search', { as, headers: FORM, body });
    expect(idsOf(found).sort()).toEqual([one.id, other.id].sort());
    const theirs = await server().fhir('/Subscription/_search', { as: 'pharmacy', headers: FORM, body });
    expect(idsOf(theirs)).toEqual([]);
  });

  it.each([
    ['nothing', '', '400 search-too-wide'],
    ['a BSN in the address', '?patient.identifier=900186021', '400 bsn-in-url'],
    ['criteria', '?criteria=Consent', '400 search-parameter-unknown'],
    ['an endpoint', '?url=https://ehr.example', '400 search-parameter-unknown'],
  ])('by %s is refused', async (_, query, expected) => {
    expect(verdict(await server().fhir(`/Subscription${query}`, { as }))).toBe(expected);
  });
});

describe('in a Bundle', () => {
  it('registrations stand by themselves in a batch, and together in a transaction', async () => {
    const [one, other] = [freshBsn(), freshBsn()];
    const broken = { ...subscription(freshBsn()), reason: 'XYZ' };
    const batch = await sendBundle(server(), as, 'batch', [
      post(subscription(one)),
      post(broken),
      post(subscription(one)),
    ]);
    expect(statusesOf(batch)).toEqual(['201', '422', '200']);
    const refused = await sendBundle(server(), as, 'transaction', [post(subscription(other)), post(broken)]);
    expect(refused.status).toBe(422);
    const both = await sendBundle(server(), as, 'transaction', [post(subscription(other)), post(subscription(one))]);
    expect(statusesOf(both)).toEqual(['201', '200']);
  });
});

describe('what another holder registered', () => {
  it('does not exist', async () => {
    const bsn = freshBsn();
    const { path, id } = await registered(bsn);
    const theirs = { as: 'pharmacy' };
    const attempts: readonly [string, Call][] = [
      [path, {}],
      [`${path}/_history`, {}],
      [`${path}/_history/1`, {}],
      [path, { method: 'DELETE' }],
      [path, { method: 'PUT', body: subscription(bsn, { ura: PHARMACY, type: 'J8' }) }],
      [path, { method: 'PATCH', headers: JSON_PATCH, body: [{ op: 'replace', path: '/reason', value: 'OTV' }] }],
    ];
    const before = await storedRows(server());
    for (const [address, call] of attempts) {
      const one = await server().fhir(address, { ...call, ...theirs });
      const nobodys = await server().fhir(address.replace(id, 'absent'), { ...call, ...theirs });
      expect(one.status).toBe(404);
      expect([one.status, one.body]).toEqual([nobodys.status, nobodys.body]);
    }
    for (const list of ['/Subscription/_history', `/Subscription?_id=${id}`, '/Subscription?status=active']) {
      const found = await server().fhir<Bundle>(list, theirs);
      expect(found.status).toBe(200);
      expect(entriesOf(found).filter((one) => one.id === id)).toEqual([]);
    }
    expect(await storedRows(server())).toEqual(before);
    expect((await server().fhir(path, { as })).status).toBe(200);
  });

  it('cannot be registered in its name', async () => {
    const before = await storedRows(server());
    expect(verdict(await send(subscription(freshBsn(), { ura: GP }), { as: 'pharmacy' }))).toBe(
      '403 not-own-organization',
    );
    expect(await storedRows(server())).toEqual(before);
  });
});
