import type { Subscription } from '@medplum/fhirtypes';
import { callOut, type Resolve } from '../../src/outbound.ts';
import { problemOf } from '../../src/problem.ts';
import { elementsOf } from '../http/answers.ts';
import { freshBsn } from '../http/people.ts';
import { changeClient } from '../http/registered-client.ts';
import { subscription } from '../http/subscription-bodies.ts';
import { useTestServer } from '../setup/test-server.ts';
import { type Listener, openListener } from './listeners.ts';
import { ELSEWHERE, type Form, TO_THIS_MACHINE } from './ssrf-forms.ts';

const FORMS = [...TO_THIS_MACHINE, ...ELSEWHERE];
/** What is no address, or leads elsewhere than to this machine, in the sandbox too. */
const NOT_IN_SANDBOX =
  /^(?:no address|IPv6, none|IPv4 (?:mapped|compatible|translated)|NAT64|local NAT64|6to4|Teredo|a name that|a name for nothing|user|empty|a backslash|a fragment|a tab|three|one slash|a file|another protocol)/;

let here: Listener;
let alsoHere: Listener;
beforeAll(async () => {
  here = await openListener((socket) => void socket.end());
  alsoHere = await openListener((socket) => void socket.end(), '::1', here.port);
});
afterAll(() => Promise.all([here.close(), alsoHere.close()]));

const addressOf = ({ address }: Form) => address.replace('PORT', String(here.port));
const visitors = () => here.connections() + alsoHere.connections();

/** Calls an address whose host is allowed as it is, which is the worst that a registry could say. */
async function call(form: Form, isSandbox: boolean): Promise<string> {
  const address = addressOf(form);
  const hosts = URL.canParse(address) ? [new URL(address).host] : [address];
  const resolve = form.resolved;
  const asked = { method: 'GET', address, headers: {}, timeout: 2_000, mostBytes: 1000 } as const;
  return callOut(
    asked,
    { hosts, isSandbox, privateNetworks: [] },
    ...(resolve === undefined ? [] : [() => Promise.resolve(resolve)]),
  ).then(
    () => 'answered',
    (error: unknown) => problemOf(error).issues[0].code,
  );
}

describe('an address that leads inside', () => {
  it.each(FORMS)('is not called: $what', async (form) => {
    const before = visitors();
    expect(await call(form, false)).toBe('address-refused');
    expect(visitors()).toBe(before);
  });

  it.each(TO_THIS_MACHINE)('leads to this machine in the sandbox, when that is what it says: $what', async (form) => {
    const before = visitors();
    const isReached = !NOT_IN_SANDBOX.test(form.what);
    expect(await call(form, true)).toBe(isReached ? 'call-failed' : 'address-refused');
    expect(visitors() - before).toBe(isReached ? 1 : 0);
  });

  it.each(ELSEWHERE)('is out of reach in the sandbox too: $what', async (form) => {
    expect(await call(form, true)).toBe('address-refused');
  });
});

describe('a name', () => {
  it.each([
    ['198.41.0.4', '127.0.0.1'],
    ['127.0.0.1', '198.41.0.4'],
    ['2001:500:ba3e:bad:2::1', 'fd00::1'],
  ])('is not called when one of its addresses leads inside: %s, %s', async (...resolved) => {
    const address = 'https://both.example:PORT/';
    expect(await call({ what: 'both', address, resolved }, false)).toBe('address-refused');
  });
});

describe('with private networks that the operator has named', () => {
  const privateNetworks = ['10.20.0.0/16', '100.64.0.0/10', 'fd00::/8'];
  /** Given up before anything is sent, so that nobody is called. */
  const verdict = (resolved: readonly string[]) =>
    callOut(
      {
        method: 'GET',
        address: 'https://ehr.example/',
        headers: {},
        timeout: 2_000,
        mostBytes: 1000,
        signal: AbortSignal.abort(),
      },
      { hosts: ['ehr.example'], isSandbox: false, privateNetworks },
      () => Promise.resolve(resolved),
    ).catch((error: unknown) => problemOf(error).issues[0].code);

  it.each(['10.20.0.1', '10.20.255.255', '100.64.0.1', 'fd00:1::1', '198.41.0.4'])(
    'a name that leads to %s may be called',
    async (address) => {
      expect(await verdict([address])).toBe('call-failed');
    },
  );

  it.each([
    ['of another', '10.21.0.1'],
    ['of another kind', '192.168.1.1'],
    ['of IPv6 that is another', 'fc00::1'],
    ['of this machine', '127.0.0.1'],
    ['of this machine in IPv6', '::1'],
    ['link-local', '169.254.169.254'],
    ['within IPv6', '::ffff:10.20.0.1'],
    ['translated', '64:ff9b::a14:1'],
    ['of a cloud’s secrets', '100.100.100.200'],
    ['of a cloud’s secrets in IPv6', 'fd00:ec2::254'],
  ])('a name that leads to an address %s may not: %s', async (_what, address) => {
    expect(await verdict([address])).toBe('address-refused');
    expect(await verdict(['10.20.0.1', address])).toBe('address-refused');
  });
});

describe('an address at a host that is not allowed', () => {
  const allowed = ['ehr.example', 'ehr.example:8443', 'xn--bcher-kva.example'];
  const never: Resolve = () => Promise.reject(new Error('nothing to be asked'));
  const verdict = (address: string) =>
    callOut(
      { method: 'GET', address, headers: {}, timeout: 2_000, mostBytes: 1000 },
      { hosts: allowed, isSandbox: false, privateNetworks: [] },
      never,
    ).catch((error: unknown) => problemOf(error).issues[0].code);

  it.each([
    'https://example/',
    'https://www.ehr.example/',
    'https://ehr.example.evil.example/',
    'https://ehr.example./',
    'https://ehr.example:8080/',
    'https://ehr.examp1e/',
    'https://еhr.example/',
    'https://evil.example/ehr.example',
    'https://evil.example/?https://ehr.example/',
  ])('is not even looked up: %s', async (address) => {
    expect(await verdict(address)).toBe('address-refused');
  });

  it.each([
    'https://ehr.example/x',
    'https://EHR.EXAMPLE:443/',
    'https://ehr.example:8443/',
    'https://Bücher.example/',
  ])('is looked up when it is the same host in another spelling: %s', async (address) => {
    expect(await verdict(address)).toBe('call-failed');
  });
});

describe('a name that leads elsewhere by and by', () => {
  const http = (status: string, more = '') => `HTTP/1.1 ${status}\r\n${more}Content-Length: 0\r\n\r\n`;
  const asked = (port: number) =>
    ({ method: 'GET', address: `http://ehr.example:${port}/`, headers: {}, timeout: 2_000, mostBytes: 1000 }) as const;
  const reach = { hosts: ['ehr.example'], isSandbox: true, privateNetworks: [] };

  it('is looked up once, and the connection goes where that led', async () => {
    const meant = await openListener((socket) => void socket.write(http('200 OK')), '127.0.0.2');
    const inside = await openListener(undefined, '127.0.0.1', meant.port);
    let times = 0;
    const changing: Resolve = () => Promise.resolve([(times += 1) === 1 ? '127.0.0.2' : '127.0.0.1']);
    expect(await callOut(asked(meant.port), reach, changing)).toMatchObject({ status: 200 });
    expect([times, meant.connections(), inside.connections()]).toEqual([1, 1, 0]);
    const moved: Resolve = () => Promise.resolve(['10.0.0.1']);
    await expect(callOut(asked(meant.port), reach, moved)).rejects.toMatchObject({
      issues: [{ code: 'address-refused' }],
    });
    await Promise.all([meant.close(), inside.close()]);
  });

  it.each([301, 302, 303, 307, 308])('gets nobody to follow its %d', async (status) => {
    const before = visitors();
    const location = `Location: http://127.0.0.1:${here.port}/\r\nRefresh: 0; url=http://127.0.0.1:${here.port}/\r\n`;
    const redirecting = await openListener((socket) => void socket.write(http(`${status} Elsewhere`, location)));
    const answer = await callOut(asked(redirecting.port), reach, () => Promise.resolve(['127.0.0.1']));
    expect([answer.status, redirecting.connections(), visitors() - before]).toEqual([status, 1, 0]);
    await redirecting.close();
  });
});

describe('a Subscription whose endpoint leads inside', () => {
  const server = useTestServer();
  beforeAll(() => changeClient(server(), 'gp', { hosts: ['ehr.example', 'ehr.example:8443'] }));
  const rows = async () => (await server().server.register.database.query('select id, version from subscription')).rows;

  it.each(FORMS)('is refused: $what', async (form) => {
    const [before, known] = [visitors(), await rows()];
    const answer = await server().fhir('/Subscription', {
      as: 'gp',
      body: subscription(freshBsn(), { endpoint: addressOf(form) }),
    });
    expect(answer.status).toBe(422);
    expect(elementsOf(answer)).toContain('Subscription.channel.endpoint');
    expect([visitors(), await rows()]).toEqual([before, known]);
  });

  it('is refused as a change of one that stands, by PUT and by PATCH', async () => {
    const body = subscription(freshBsn(), { endpoint: 'https://ehr.example:8443/hook?x=y' });
    const made = await server().fhir<Subscription>('/Subscription', { as: 'gp', body });
    expect(made.status).toBe(201);
    const path = `/Subscription/${made.body.id ?? ''}`;
    const endpoint = `https://127.0.0.1:${here.port}/`;
    const put = { ...made.body, status: 'requested', channel: { ...made.body.channel, endpoint } };
    const patch = [{ op: 'replace', path: '/channel/endpoint', value: endpoint }];
    const headers = { 'Content-Type': 'application/json-patch+json' };
    const answers = [
      await server().fhir(path, { as: 'gp', method: 'PUT', body: put }),
      await server().fhir(path, { as: 'gp', method: 'PATCH', body: patch, headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422]);
    expect((await server().fhir(path, { as: 'gp' })).body).toEqual(made.body);
  });
});
