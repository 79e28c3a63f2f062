import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { codesOf } from '../http/answers.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { freshUra, KARIM } from '../http/people.ts';
import { organization } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

describe('XML, wherever it is sent (case 35)', () => {
  const bodies = (listener: string): [name: string, body: string | Buffer][] => {
    const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');
    const parameters = (inner: string) => `<Parameters xmlns="http://hl7.org/fhir">${inner}</Parameters>`;
    return [
      ['plain', parameters('<parameter><name value="a"/></parameter>')],
      ['an external entity', `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>${parameters('&x;')}`],
      ['an entity over the network', `<!DOCTYPE d [<!ENTITY x SYSTEM "${listener}/x">]>${parameters('&x;')}`],
      ['a definition over the network', `<!DOCTYPE d SYSTEM "${listener}/d.dtd">${parameters('')}`],
      ['a parameter entity', `<!DOCTYPE d [<!ENTITY % x SYSTEM "${listener}/p">%x;]>${parameters('')}`],
      ['inclusion', parameters(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="${listener}/i"/>`)],
      ['laughs', `<!DOCTYPE d [<!ENTITY l0 "ha">${laughs}]>${parameters('&l9;')}`],
      ['a style sheet', `<?xml-stylesheet href="${listener}/s"?>${parameters('')}`],
      ['UTF-16', Buffer.from(`\ufeff${parameters('')}`, 'utf16le')],
      ['UTF-7', '+ADw-Parameters xmlns=+ACI-http://hl7.org/fhir+ACI-/+AD4-'],
    ];
  };
  const ADDRESSES = [
    ['/Consent/$check', 'gp'],
    ['/Consent/$migrate', 'gp'],
    ['/Consent', `citizen:${KARIM}`],
    ['/Organization', 'admin'],
    ['/', 'admin'],
    ['/Subscription', 'gp'],
    ['/Organization/_search', 'gp'],
  ] as const;
  const XML_TYPES = ['application/fhir+xml', 'application/xml', 'text/xml', 'application/soap+xml; charset=utf-16'];

  it('is refused by its type, or as no JSON, and nothing is fetched or read', async () => {
    let fetched = 0;
    const listener = createServer((_request, response) => {
      fetched += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    for (const [path, as] of ADDRESSES) {
      for (const [, body] of bodies(`http://127.0.0.1:${port}`)) {
        for (const type of XML_TYPES) {
          const answer = await server().fhir(path, {
            as,
            method: 'POST',
            headers: { 'Content-Type': type },
            body: body.toString('latin1'),
          });
          expect([path, type, answer.status]).toEqual([path, type, 415]);
          expect(JSON.stringify(answer.body)).not.toContain('root:');
        }
        const call = { as: 'admin', method: 'POST', body: body.toString('latin1') };
        const asJson = await server().fhir('/Organization', {
          ...call,
          headers: { 'Content-Type': 'application/fhir+json' },
        });
        expect(asJson.status).toBe(400);
      }
    }
    listener.close();
    expect(fetched).toBe(0);
  }, 120_000);

  it.each([
    ['utf-7', 415],
    ['utf-16', 415],
    ['utf-16le', 415],
    ['utf-32', 415],
    ['iso-8859-1', 415],
    ['utf-8; charset=utf-7', 415],
    ['utf-7; charset=utf-8', 415],
    ["utf-8'", 415],
    ['utf8', 201],
    ['"utf-8"', 201],
  ])('and JSON that is said to be %s is answered with %i', async (charset, status) => {
    const { id, headers } = namedRequest();
    const answer = await server().fhir('/Organization', {
      as: 'admin',
      body: JSON.stringify(organization(freshUra())),
      headers: { ...headers, 'Content-Type': `application/fhir+json; charset=${charset}` },
    });
    expect(answer.status).toBe(status);
    expect(codesOf(answer)).toEqual(status === 415 ? ['charset-unsupported'] : []);
    expect((await logged(server(), id)).map(({ outcome }) => outcome)).toEqual([status === 415 ? '4' : '0']);
  });
});
