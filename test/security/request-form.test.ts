import { GP } from '../http/people.ts';
import { namedRequest, logged } from '../http/ledger.ts';
import { useTestServer } from '../setup/test-server.ts';
import { answersIn, lines, overTheWire, type WireAnswer } from './raw-socket.ts';

const server = useTestServer();
const PATH = `/fhir/Organization?identifier=${GP}`;
const CLOSE = 'Connection: close';
const bearer = async (as: string) => `Authorization: Bearer ${await server().token(as)}`;
const wire = async (text: string): Promise<WireAnswer[]> => answersIn(await overTheWire(server().baseUrl, text));
const statuses = async (text: string) => (await wire(text)).map(({ status }) => status);

/** The plain request, with lines in place of its first, or after its headers. */
async function plain({
  first = `GET ${PATH} HTTP/1.1`,
  host = ['Host: x'],
  more = [] as readonly string[],
  as = 'gp',
} = {}) {
  return lines(first, ...host, await bearer(as), ...more, CLOSE, '');
}

it('the plain request is answered, and not without a token', async () => {
  expect(await statuses(await plain())).toEqual([200]);
  expect(await statuses(lines(`GET ${PATH} HTTP/1.1`, 'Host: x', CLOSE, ''))).toEqual([401]);
});

describe('an address is nothing when it is written as', () => {
  it.each([
    `http://other.example${PATH}`,
    `http://127.0.0.1${PATH}`,
    `HTTP://x/fhir/metadata`,
    `//fhir/Organization?identifier=${GP}`,
    `/fhir//Organization?identifier=${GP}`,
    `/fhir/./Organization?identifier=${GP}`,
    `/fhir/%2e%2e/fhir/Organization?identifier=${GP}`,
    `/fhir/../fhir/Organization?identifier=${GP}`,
    `/fhir/%4frganization?identifier=${GP}`,
    `/fhir%2fOrganization?identifier=${GP}`,
    `/fhir\\Organization?identifier=${GP}`,
    `/fhir;a=b/Organization?identifier=${GP}`,
    `/fhir/Organization;a=b?identifier=${GP}`,
    `/fhir/Organization.?identifier=${GP}`,
    `/fhir/Organization//?identifier=${GP}`,
    `/fhir/organization?identifier=${GP}`,
    `/fhir/ORGANIZATION?identifier=${GP}`,
    `/FHIR/Organization?identifier=${GP}`,
    `/fhir/Organization?identifier=${GP}#x`,
    `/fhir/Organization#?identifier=${GP}`,
    '*',
  ])('%s', async (address) => {
    expect(await statuses(await plain({ first: `GET ${address} HTTP/1.1` }))).toEqual([404]);
  });

  it('one slash more at its end, and one parameter: that is the plain one', async () => {
    expect(await statuses(await plain({ first: `GET /fhir/Organization/?identifier=${GP} HTTP/1.1` }))).toEqual([200]);
  });
});

describe('a method', () => {
  it.each([
    ['TRACE', 405],
    ['TRACK', 400],
    ['BREW', 400],
    ['get', 400],
    ['OPTIONS', 405],
    ['PROPFIND', 405],
    ['PURGE', 405],
    ['DELETE', 403],
  ])('%s is answered with %i', async (method, status) => {
    const answers = await wire(await plain({ first: `${method} ${PATH} HTTP/1.1` }));
    expect(answers.map((answer) => answer.status)).toEqual([status]);
    expect(answers[0]?.body ?? '').not.toContain('Bearer');
  });

  it('CONNECT leads nowhere', async () => {
    const { port } = new URL(server().baseUrl);
    for (const authority of [`127.0.0.1:${port}`, 'x:443']) {
      expect(await statuses(lines(`CONNECT ${authority} HTTP/1.1`, 'Host: x', await bearer('admin'), ''))).toEqual([
        405,
      ]);
    }
  });

  it.each([
    'X-HTTP-Method-Override: DELETE',
    'X-HTTP-Method: DELETE',
    'X-Method-Override: DELETE',
    'X-Original-URL: /fhir/AuditEvent',
    'X-Rewrite-URL: /fhir/AuditEvent',
    'X-Forwarded-Prefix: /fhir/AuditEvent',
    'X-Forwarded-Host: other.example',
    'X-Forwarded-For: 127.0.0.1',
    'Forwarded: for=127.0.0.1;host=other.example',
    'Upgrade: h2c',
  ])('and an address stay what they are with the header %s', async (header) => {
    const [asked] = await wire(await plain());
    const [answer] = await wire(await plain({ more: [header] }));
    expect([answer?.status, answer?.body]).toEqual([asked?.status, asked?.body]);
    expect(answer?.body).not.toContain('other.example');
  });

  it.each(['_method=DELETE', '_method=PUT'])('is not another with the parameter %s', async (parameter) => {
    const post = (query: string) => plain({ first: `POST /fhir/Organization/_search?${query} HTTP/1.1` });
    const [status] = await statuses(await post(parameter));
    expect([400, 404, 405]).toContain(status);
  });
});

describe('a request that can be read in two ways is read in none', () => {
  const SMUGGLED = lines('GET /fhir/metadata HTTP/1.1', 'Host: x', '');
  const post = async (...headers: readonly string[]) =>
    lines('POST /fhir/Organization/_search HTTP/1.1', 'Host: x', await bearer('gp'), ...headers, '');

  it.each([
    ['CL.TE', ['Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'],
    ['TE.CL', ['Transfer-Encoding: chunked', 'Content-Length: 3'], '0\r\n\r\n'],
    ['TE.TE', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], '0\r\n\r\n'],
    ['an encoding that is none', ['Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a space before the colon', ['Transfer-Encoding : chunked'], '0\r\n\r\n'],
    ['a tab of the vertical kind', ['Transfer-Encoding:\u000bchunked'], '0\r\n\r\n'],
    ['two lengths', ['Content-Length: 0', 'Content-Length: 44'], ''],
    ['the same length twice', ['Content-Length: 0', 'Content-Length: 0'], ''],
    ['a list of lengths', ['Content-Length: 0, 44'], ''],
    ['a length with a sign', ['Content-Length: +0'], ''],
    ['a length below nothing', ['Content-Length: -1'], ''],
    ['a length in another base', ['Content-Length: 0x0'], ''],
    ['a header that goes on in the next line', ['X-A: b', ' Content-Length: 44'], ''],
    ['a return without a line feed', ['X-A: b\rContent-Length: 44'], ''],
    ['a NUL', ['X-A: b\0c'], ''],
    ['a header without a name', [': b'], ''],
    ['a line without a colon', ['nonsense'], ''],
  ])('%s', async (_, headers, body) => {
    // What would be a second request to whoever reads it in the other way is never answered.
    expect(await statuses(`${await post(...headers)}${body}${SMUGGLED}`)).toEqual([400]);
  });

  it('a body in a coding that is not taken off', async () => {
    const [answer] = await wire(`${await post('Transfer-Encoding: gzip, chunked', CLOSE)}0\r\n\r\n`);
    expect([answer?.status, answer?.body]).toEqual([400, expect.stringContaining('transfer-encoding-unknown')]);
    expect(await statuses(`${await post('Transfer-Encoding: Chunked', CLOSE)}0\r\n\r\n`)).toEqual([200]);
  });

  it.each([
    ['lines that end in a line feed alone', `GET ${PATH} HTTP/1.1\nHost: x\n\n`],
    ['a tab in the first line', `GET\t${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a version that is none', `GET ${PATH} HTTP/1.9\r\nHost: x\r\n\r\n`],
    ['another protocol', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no host', `GET ${PATH} HTTP/1.1\r\n\r\n`],
    ['chunks of no length', 'POST /fhir/Consent HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('%s', async (_, text) => {
    expect(await statuses(text)).toEqual([400]);
  });

  it.each([
    ['two hosts', ['Host: x', 'Host: y'], []],
    ['two tokens', ['Host: x'], ['Authorization: Bearer x']],
    ['two types of the body', ['Host: x'], ['Content-Type: application/fhir+json', 'Content-Type: text/html']],
    ['two versions that must match', ['Host: x'], ['If-None-Match: W/"1"', 'If-None-Match: W/"2"']],
  ])('%s, and that is in the log', async (_, host, more) => {
    const { id } = namedRequest();
    const [answer] = await wire(await plain({ host, more: [...more, `X-Request-Id: ${id}`] }));
    expect([answer?.status, answer?.body]).toEqual([400, expect.stringContaining('header-repeated')]);
    expect((await logged(server(), id)).map(({ outcome, detail }) => [outcome, detail.problem])).toEqual([
      ['4', 'header-repeated'],
    ]);
  });

  it('more headers than anyone sends: none is left out without a word', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, at) => `X-${at}: a`);
    expect(await statuses(await plain({ more: many(90) }))).toEqual([200]);
    for (const count of [100, 1500]) expect(await statuses(await plain({ more: many(count) }))).toEqual([400]);
    expect(await statuses(await plain({ more: many(3000) }))).toEqual([431]);
  });

  it('headers and addresses longer than anyone needs', async () => {
    expect(await statuses(await plain({ more: [`X-A: ${'a'.repeat(8000)}`] }))).toEqual([200]);
    expect(await statuses(await plain({ more: [`X-A: ${'a'.repeat(20_000)}`] }))).toEqual([431]);
    expect(await statuses(await plain({ first: `GET ${PATH}&name=${'a'.repeat(20_000)} HTTP/1.1` }))).toEqual([431]);
  });

  it('twin: two requests, one after the other, are both answered', async () => {
    const search = await post('Content-Type: application/x-www-form-urlencoded', 'Content-Length: 7');
    const last = lines('GET /fhir/metadata HTTP/1.1', 'Host: x', CLOSE, '');
    expect(await statuses(`${search}name=De${last}`)).toEqual([200, 200]);
  });
});
