import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { decided, grant, grantBody, granted } from './emergency.ts';
import { freshBsn, freshUra } from './people.ts';
import { refused } from './refusal.ts';
import { organization } from './resources.ts';

const server = useTestServer();

/** That many GP practices, registered. */
async function holders(count: number): Promise<string[]> {
  const uras = Array.from({ length: count }, freshUra);
  for (const ura of uras) {
    expect((await server().fhir('/Organization', { as: 'admin', body: organization(ura) })).status).toBe(201);
  }
  return uras;
}

describe('a grant that names its holders', () => {
  it('may name a hundred, satisfies its own profile, and can be withdrawn like any Consent', async () => {
    const bsn = freshBsn();
    const uras = await holders(100);
    const recorded = await granted(server(), bsn, { holders: uras });
    expect(validate(server().server.register.conformance, 'Consent', recorded)).toEqual([]);
    const asked = { holder: uras[99] ?? '' };
    expect(await decided(server(), bsn, asked)).toBe('permit emergency-grant');
    const headers = { 'Content-Type': 'application/json-patch+json', 'If-Match': 'W/"1"' };
    const body = [{ op: 'replace', path: '/status', value: 'inactive' }];
    const call = { as: `citizen:${bsn}`, method: 'PATCH', headers, body };
    expect((await server().fhir(`/Consent/${recorded.id}`, call)).status).toBe(200);
    expect(await decided(server(), bsn, asked)).toBe('deny no-consent');
  });

  it('may not name more: nothing is recorded', async () => {
    const bsn = freshBsn();
    const body = grantBody(bsn, { holders: Array.from({ length: 101 }, freshUra) });
    const answer = await refused(server(), '/Consent/$grant-emergency', { as: 'post', body });
    expect(verdict(answer)).toMatch(/^400 /);
    expect(verdict(await grant(server(), bsn))).toBe('200');
  });
});
