import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshUra, UNREGISTERED } from './people.ts';
import { rawRequest } from './raw-request.ts';
import { refused } from './refusal.ts';
import { organization } from './resources.ts';

const server = useTestServer();

describe('a text is refused that is', () => {
  const good = JSON.stringify(organization(UNREGISTERED));
  const deep = `${'{"a":'.repeat(60)}1${'}'.repeat(60)}`;

  it.each([
    ['no JSON', '{', '400'],
    ['empty', ' ', '400'],
    ['a JSON with something after it', `${good} x`, '400'],
    ['a list', '[]', '400'],
    ['a word', '"Organization"', '400'],
    ['null', 'null', '400'],
    ['of no type', '{}', '400'],
    ['with a key twice', good.replace('{', '{"active":false,'), '400'],
    ['with a key twice, once escaped', good.replace('{', '{"\\u0061ctive":false,'), '400'],
    ['with a prototype', good.replace('{', '{"__proto__":{"polluted":true},'), '400'],
    ['with a constructor', good.replace('{', '{"constructor":{"prototype":{"polluted":true}},'), '400'],
    ['with U+0000', good.replace('Praktijk', '\\u0000'), '400'],
    ['with half a character', good.replace('Praktijk', '\\ud800'), '400'],
    ['deep', good.replace('{', `{"text":${deep},`), '400'],
    ['very deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, '400'],
    [
      'long beyond sense',
      good.replace('Praktijk', 'x'.repeat(1024 * 1024 + 1 - good.length + 8)),
      '413 body-too-large',
    ],
  ])('%s', async (_, body, expected) => {
    const answer = await refused(server(), '/Organization', { as: 'admin', body });
    expect(verdict(answer)).toMatch(new RegExp(`^${expected}`));
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('a byte too long, and no other', async () => {
    const sized = (bytes: number) => good.replace('{', `{${' '.repeat(bytes - good.length)}`);
    expect((await refused(server(), '/Organization', { as: 'admin', body: sized(1024 * 1024 + 1) })).status).toBe(413);
    const just = sized(1024 * 1024).replace(UNREGISTERED, freshUra());
    expect((await server().fhir('/Organization', { as: 'admin', body: just })).status).toBe(201);
  });

  it('not UTF-8', async () => {
    const { id, headers } = namedRequest();
    const answer = await rawRequest(server().baseUrl, '/fhir/Organization', {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await server().token('admin')}`,
        'Content-Type': 'application/fhir+json',
        ...headers,
      },
      body: Buffer.concat([Buffer.from(good.slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from(good.slice(-2))]),
    });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('not-utf-8');
    expect((await logged(server(), id)).map(({ outcome }) => outcome)).toEqual(['4']);
  });

  it.each(['text/plain', 'application/fhir+xml', 'application/fhir+json; charset=utf-16', 'image/png'])(
    'of the type %s',
    async (type) => {
      const answer = await refused(server(), '/Organization', {
        as: 'admin',
        body: good,
        headers: { 'Content-Type': type },
      });
      expect(answer.status).toBe(415);
    },
  );
});
