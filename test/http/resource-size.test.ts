import { actor, ura } from '../profiles/sample-consents.ts';
import { useTestServer } from '../setup/test-server.ts';
import { idsOf, verdict } from './answers.ts';
import type { Stored } from './kinds.ts';
import { freshBsn } from './people.ts';
import { choice } from './questions.ts';
import { consent, URA_SYSTEM } from './resources.ts';

const server = useTestServer();
const numbers = (length: number) => Array.from({ length }, (_, index) => String(90_020_000 + index));

const posted = (bsn: string, requesters: readonly (readonly string[])[]) => {
  const provision = {
    ...consent(bsn).provision,
    provision: requesters.map((uras) => ({ type: 'permit', actor: uras.map((one) => actor('IRCP', ura(one))) })),
  };
  return server().fhir('/Consent', { as: `citizen:${bsn}`, body: consent(bsn, { provision }) });
};

const chosen = (bsn: string, uras: readonly string[]) => {
  const requesters = uras.map((value) => ({ name: 'requester', valueIdentifier: { system: URA_SYSTEM, value } }));
  const holder = { name: 'holderCategory', valueCode: 'HA' };
  const answer = [holder, ...requesters, { name: 'decision', valueCode: 'permit' }];
  return server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'certain', [answer]) });
};

const stored = async (bsn: string) =>
  idsOf(await server().fhir('/Consent?status=active', { as: `citizen:${bsn}` })).length;

describe('a Consent names no more requester places than anyone needs', () => {
  it.each([
    ['3,000 in one answer', [numbers(3000)], '400 resource-too-large'],
    ['3,000 in as many answers', numbers(3000).map((one) => [one]), '400 resource-too-large'],
    ['101 in one answer', [numbers(101)], '422 element-too-many'],
    ['102 in two answers', [numbers(102).slice(0, 51), numbers(102).slice(51)], '422 akk-con-25'],
  ])('through FHIR: %s', async (_, requesters, expected) => {
    const bsn = freshBsn();
    expect(verdict(await posted(bsn, requesters))).toBe(expected);
    expect(await stored(bsn)).toBe(0);
  });

  it('through a choice, which begins another Consent where one would get longer', async () => {
    const bsn = freshBsn();
    expect(verdict(await chosen(bsn, numbers(101)))).toBe('422 too-many-requesters');
    expect(await stored(bsn)).toBe(0);
    expect((await chosen(bsn, numbers(100).slice(0, 60))).status).toBe(200);
    expect((await chosen(bsn, numbers(100).slice(60))).status).toBe(200);
    expect(await stored(bsn)).toBe(1);
    expect((await chosen(bsn, numbers(101).slice(100))).status).toBe(200);
    expect(await stored(bsn)).toBe(2);
  });

  it('and may name that many, and be withdrawn', async () => {
    const bsn = freshBsn();
    const answer = await posted(bsn, [numbers(100)]);
    expect(answer.status).toBe(201);
    const body = { ...(answer.body as Stored), status: 'inactive' };
    const call = { as: `citizen:${bsn}`, method: 'PUT', headers: { 'If-Match': 'W/"1"' }, body };
    expect((await server().fhir(`/Consent/${body.id}`, call)).status).toBe(200);
    expect(await stored(bsn)).toBe(0);
  });
});
