import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { codesOf, partsOf, verdict } from './answers.ts';
import * as family from './family.ts';
import { HOSPITAL, NOOR } from './people.ts';

const server = useTestServer();
const { said } = family;
const HOSPITALS = { requesterCategory: 'RPZAC104' };

const aChild = () => family.child(server());
const aParent = () => family.parent(server());
const choose = (
  bsn: string,
  ...answers: Parameters<typeof family.choose> extends [unknown, unknown, ...infer Rest] ? Rest : never
) => family.choose(server(), bsn, ...answers);
const settle = (child: string, parent: string, decision?: family.Decision) =>
  family.settle(server(), child, parent, decision);
const consentsOf = (bsn: string) => family.consentsOf(server(), bsn);
const toPharmacy = (bsn: string) => family.decided(server(), bsn);
const toHospital = (bsn: string) => family.decided(server(), bsn, { requester: HOSPITAL });

describe('scenario 19: what a child proposes', () => {
  it('counts once a parent has confirmed it', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    expect(await toPharmacy(child)).toBe('deny minor-unconfirmed');
    await settle(child, parent);
    expect(await toPharmacy(child)).toBe('permit consent-given');
  });

  it('counts as little as before once a parent has rejected it', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent, 'reject');
    expect(await toPharmacy(child)).toBe('deny no-consent');
    expect((await consentsOf(child)).map(({ status }) => status)).toEqual(['rejected']);
  });

  it('may be confirmed at the same time as all other answers to everything', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, 'all');
    await settle(child, parent);
    expect([await toPharmacy(child), await toHospital(child)]).toEqual([
      'permit consent-given',
      'permit consent-given',
    ]);
    expect(new Set((await consentsOf(child)).map(({ status }) => status))).toEqual(new Set(['active']));
  });

  it('needs a confirmation of its own after every change', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent);
    await choose(child, said('permit', HOSPITALS));
    expect([await toPharmacy(child), await toHospital(child)]).toEqual([
      'permit consent-given',
      'deny minor-unconfirmed',
    ]);
    await settle(child, parent);
    expect(await toHospital(child)).toBe('permit consent-given');
  });
});

describe('what is confirmed', () => {
  it('says who confirmed it and when, keeps the rest, and is what its profile wants', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    const [before] = await choose(child, said('permit'));
    await settle(child, parent);
    const [after] = await consentsOf(child);
    const reference = await family.patientOf(server(), parent);
    expect(after).toEqual({
      ...before,
      status: 'active',
      verification: [{ verified: true, verifiedWith: { reference }, verificationDate: after?.meta?.lastUpdated }],
      meta: { ...before?.meta, versionId: '2', lastUpdated: after?.meta?.lastUpdated },
    });
    expect(validate(server().server.register.conformance, 'Consent', after)).toEqual([]);
  });

  it('keeps its history', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    const [before] = await choose(child, said('permit'));
    await settle(child, parent);
    const path = `/Consent/${before?.id ?? ''}/_history/1`;
    const first = await server().fhir(path, { as: `citizen:${child}` });
    expect(first.body).toEqual(before);
  });

  it('takes the place of what was confirmed before', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'), said('permit', HOSPITALS));
    await settle(child, parent);
    await choose(child, said('deny'));
    await settle(child, parent);
    expect([await toPharmacy(child), await toHospital(child)]).toEqual([
      'deny consent-refused',
      'permit consent-given',
    ]);
    const [first, second] = await consentsOf(child);
    expect(requestersIn(first)).toEqual(['permit RPZAC104']);
    expect(first?.verification).toHaveLength(1);
    expect(requestersIn(second)).toEqual(['deny RPZAC005']);
  });

  it('withdraws what was confirmed before when it answers all of that', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent);
    await choose(child, said('deny'));
    await settle(child, parent);
    expect((await consentsOf(child)).map(({ status }) => status)).toEqual(['inactive', 'active']);
  });

  it('is the yes that followed a no, which then gives way', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('deny'));
    await choose(child, said('permit'));
    expect(family.proposed(await family.review(server(), parent, await family.codeOf(server(), child)))).toEqual([
      'HA RPZAC005 permit new',
    ]);
    await settle(child, parent);
    expect(await toPharmacy(child)).toBe('permit consent-given');
    expect((await consentsOf(child)).map(({ status }) => status)).toEqual(['inactive', 'active']);
  });

  it('is a no that a child cannot take back alone', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('deny'));
    await settle(child, parent);
    await choose(child, said('clear'));
    expect(await toPharmacy(child)).toBe('deny consent-refused');
  });

  it('loses a yes at once when the child withdraws it, and stays confirmed for the rest', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'), said('permit', HOSPITALS));
    await settle(child, parent);
    await choose(child, said('clear'));
    expect([await toPharmacy(child), await toHospital(child)]).toEqual(['deny no-consent', 'permit consent-given']);
    const [left] = await consentsOf(child);
    expect([left?.status, left?.verification?.[0]?.verified]).toEqual(['active', true]);
  });

  it('cannot be claimed by the child', async () => {
    const child = await aChild();
    const [before] = await choose(child, said('permit'));
    const verification = [{ verified: true, verifiedWith: { reference: 'Patient/p' }, verificationDate: '2026-01-01' }];
    const headers = { 'If-Match': 'W/"1"' };
    const call = { method: 'PUT', as: `citizen:${child}`, headers };
    const path = `/Consent/${before?.id ?? ''}`;
    expect(verdict(await server().fhir(path, { ...call, body: { ...before, verification } }))).toBe(
      '422 verification-not-own',
    );
    expect(verdict(await server().fhir(path, { ...call, body: { ...before, status: 'active' } }))).toBe(
      '422 status-not-for-age',
    );
    expect(await toPharmacy(child)).toBe('deny minor-unconfirmed');
  });
});

describe('what is rejected', () => {
  it('leaves what the child refused in force, and no yes', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('deny'), said('permit', HOSPITALS));
    await settle(child, parent, 'reject');
    expect([await toPharmacy(child), await toHospital(child)]).toEqual(['deny consent-refused', 'deny no-consent']);
    const [left] = await consentsOf(child);
    expect([left?.status, requestersIn(left), left?.verification]).toEqual(['proposed', ['deny RPZAC005'], undefined]);
  });

  it('stays as it was when it only refuses', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('deny'));
    const before = await consentsOf(child);
    await settle(child, parent, 'reject');
    expect(await consentsOf(child)).toEqual(before);
    expect(await toPharmacy(child)).toBe('deny consent-refused');
  });

  it('leaves what was confirmed before in force', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent);
    await choose(child, said('permit'), said('permit', HOSPITALS));
    await settle(child, parent, 'reject');
    expect([await toPharmacy(child), await toHospital(child)]).toEqual(['permit consent-given', 'deny no-consent']);
  });

  it('says by whom', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent, 'reject');
    const [after] = await consentsOf(child);
    const reference = await family.patientOf(server(), parent);
    expect(after?.verification).toMatchObject([{ verified: false, verifiedWith: { reference } }]);
    expect(validate(server().server.register.conformance, 'Consent', after)).toEqual([]);
  });

  it('can be proposed again', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent, 'reject');
    await choose(child, said('permit'));
    await settle(child, parent);
    expect(await toPharmacy(child)).toBe('permit consent-given');
  });
});

describe('a review', () => {
  it('shows every answer that waits, and which differ from what was confirmed', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent);
    await choose(child, said('permit'), said('deny', HOSPITALS));
    const answer = await family.review(server(), parent, await family.codeOf(server(), child));
    expect(answer.status).toBe(200);
    expect(family.proposed(answer).sort()).toEqual(['HA RPZAC005 permit as before', 'HA RPZAC104 deny new']);
  });

  it('does not use the code up', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    const code = await family.codeOf(server(), child);
    for (let times = 0; times < 6; times += 1) expect((await family.review(server(), parent, code)).status).toBe(200);
    const confirmed = await family.decide(server(), parent, code);
    expect(partsOf(confirmed)['decision']?.valueCode).toBe('confirm');
    expect(family.proposed(confirmed)).toEqual(['HA RPZAC005 permit new']);
  });

  it('is all a parent gets to see of the child', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    const [made] = await choose(child, said('permit'));
    await settle(child, parent);
    const as = `citizen:${parent}`;
    expect((await server().fhir(`/Consent/${made?.id ?? ''}`, { as })).status).toBe(404);
    expect((await server().fhir(`/${made?.patient?.reference ?? ''}`, { as })).status).toBe(404);
    expect(await consentsOf(parent)).toEqual([]);
  });
});

describe('a pairing code', () => {
  it('comes with its end and a summary, and names nobody', async () => {
    const child = await aChild();
    await choose(child, said('deny'), said('permit', HOSPITALS));
    const answer = await family.askCode(server(), child);
    const { code, expires, summary } = partsOf(answer);
    expect(code?.valueString).toMatch(/^[A-HJ-NP-Z2-9]{8}$/);
    expect(summary?.valueString).toBe('Answers that wait: 2 (yes: 1, no: 1)');
    const { database } = server().database;
    const { rows } = await database.query<{ left: number }>(
      'select extract(epoch from $1::timestamptz - clock_timestamp())::float8 as left',
      [expires?.valueInstant],
    );
    expect(rows[0]?.left).toBeGreaterThan(14 * 60);
    expect(rows[0]?.left).toBeLessThanOrEqual(15 * 60);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is not for a citizen of 16', async () => {
    const citizen = await family.citizenBorn(server(), family.bornYearsAgo(16));
    await choose(citizen, said('permit'));
    expect(verdict(await family.askCode(server(), citizen))).toBe('422 not-under-sixteen');
  });

  it('is for a citizen who is 16 in two days', async () => {
    const citizen = await family.citizenBorn(server(), family.bornYearsAgo(16, 2));
    await choose(citizen, said('permit'));
    expect((await family.askCode(server(), citizen)).status).toBe(200);
  });

  it('is not given while nothing waits', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    expect(verdict(await family.askCode(server(), child))).toBe('409 nothing-proposed');
    await choose(child, said('permit'));
    await settle(child, parent);
    expect(verdict(await family.askCode(server(), child))).toBe('409 nothing-proposed');
  });

  it('takes no parameters', async () => {
    const as = `citizen:${await aChild()}`;
    const body = { resourceType: 'Parameters', parameter: [{ name: 'patient', valueString: NOOR }] };
    expect(codesOf(await server().fhir('/Consent/$pairing-code', { as, body }))).toEqual(['parameter-unknown']);
  });
});

type Found = Awaited<ReturnType<typeof consentsOf>>[number] | undefined;

function requestersIn(consent: Found): string[] {
  return (consent?.provision?.provision ?? []).flatMap(({ type, actor = [] }) =>
    actor.map(({ reference }) => `${type ?? ''} ${reference.identifier?.value ?? ''}`),
  );
}
