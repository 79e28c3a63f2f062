import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { partsOf, resultsOf, verdict } from '../http/answers.ts';
import { decided as grantDecided, granted } from '../http/emergency.ts';
import { logged, namedRequest } from '../http/ledger.ts';
import { freshBsn, freshUra, GP, NOOR, PHARMACY, POST } from '../http/people.ts';
import { type Asked, batchOf, choice, question, questionOf } from '../http/questions.ts';
import { organization, TYPE_SYSTEM } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

const ask = (body: object, as = 'exchange') => server().fhir<Parameters>('/Consent/$check', { as, body });

/** Type codes of the catalogue, and of those one for each category. */
function types() {
  const { organisationTypes } = server().server.register.catalogue;
  const known = [...organisationTypes.entries()];
  const firstOf = (category: 'holderCategory' | 'requesterCategory') =>
    new Map(known.flatMap(([code, type]) => (type[category] === undefined ? [] : [[type[category], code]]))).values();
  const holders = known.filter(([, { holderCategory }]) => holderCategory !== undefined).map(([code]) => code);
  const requesters = known.filter(([, { requesterCategory }]) => requesterCategory !== undefined).map(([code]) => code);
  return {
    holders,
    requesters,
    holderOfEach: [...firstOf('holderCategory')],
    requesterOfEach: [...firstOf('requesterCategory')],
  };
}

/** Every holder type with a requester of each category, every requester type with a holder of each, by data category. */
function everyQuestion(): Asked[] {
  const { holders, requesters, holderOfEach, requesterOfEach } = types();
  const pairs = [
    ...holders.flatMap((holderType) => requesterOfEach.map((requesterType) => ({ holderType, requesterType }))),
    ...holderOfEach.flatMap((holderType) => requesters.map((requesterType) => ({ holderType, requesterType }))),
  ];
  return ['GGC002', 'GGC012', 'GGC013'].flatMap((dataCategory) =>
    pairs.map((pair) => ({ ...pair, dataCategory, holder: '90010001', requester: '90010002' })),
  );
}

const shapeOf = (parts: readonly ParametersParameter[]) =>
  parts.map((part) => [part.name, ...Object.keys(part).filter((key) => key.startsWith('value'))].join(' ')).join(', ');

describe('a register in which nobody chose anything', () => {
  it('denies every holder, requester and data category, in answers of one shape', async () => {
    const questions = everyQuestion();
    const verdicts = new Set<string>();
    const shapes = new Set<string>();
    for (let at = 0; at < questions.length; at += 500) {
      const items = questions.slice(at, at + 500).map((asked) => questionOf(NOOR, asked));
      const { status, body } = await ask(batchOf(items));
      expect(status).toBe(200);
      const results = (body.parameter ?? []).filter(({ name }) => name === 'result');
      expect(results).toHaveLength(items.length);
      for (const { part = [] } of results) {
        shapes.add(shapeOf(part));
        const word = (name: string) => part.find((one) => one.name === name);
        verdicts.add(`${word('decision')?.valueCode ?? ''} ${word('reason')?.valueCoding?.code ?? ''}`);
      }
    }
    expect(questions.length).toBeGreaterThan(2_000);
    expect([...verdicts].filter((one) => !one.startsWith('deny '))).toEqual([]);
    expect([...verdicts]).toContain('deny no-consent');
    expect([...shapes]).toHaveLength(1);
  });

  it('permits as soon as somebody chooses: the same questions are not denied by themselves', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    const items = everyQuestion().slice(0, 500);
    const decisions = resultsOf(await ask(batchOf(items.map((asked) => questionOf(bsn, asked)))));
    expect(decisions.some(({ decision }) => decision?.valueCode === 'permit')).toBe(true);
  });
});

describe('a requester outside care', () => {
  const bsn = freshBsn();
  beforeAll(() => server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') }));

  it.each(['insurer', 'employer', 'company-doctor'])('that is %s gets nothing, whatever was chosen', async (code) => {
    const { system = '' } = server().server.register.catalogue.organisationTypes.get(code) ?? {};
    expect(system).not.toBe(TYPE_SYSTEM);
    const [requesterType] = [{ name: 'requesterType', valueCoding: { system, code } }];
    const { id, headers } = namedRequest();
    const asked = question(bsn, { requester: freshUra(), more: [requesterType] });
    const answer = await server().fhir('/Consent/$check', { as: 'exchange', body: asked, headers });
    const { decision, reason } = partsOf(answer);
    expect([decision?.valueCode, reason?.valueCoding?.code]).toEqual(['deny', 'requester-not-eligible']);
    expect(await logged(server(), id)).toMatchObject([{ outcome: '0', detail: { check: { decision: 'deny' } } }]);
  });

  it.each(['insurer', 'employer', 'company-doctor'])(
    'that is %s is not registered as an organisation',
    async (code) => {
      const { system = '' } = server().server.register.catalogue.organisationTypes.get(code) ?? {};
      const body = organization(freshUra(), { type: [{ coding: [{ system, code }] }] });
      expect((await server().fhir('/Organization', { as: 'admin', body })).status).toBe(422);
    },
  );

  it('is told from one in care, who gets what was chosen', async () => {
    expect(partsOf(await ask(question(bsn)))['decision']?.valueCode).toBe('permit');
  });
});

describe('a type that contradicts the registry', () => {
  const bsn = freshBsn();
  beforeAll(() => server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') }));

  it.each<[string, Asked, string]>([
    ['of the holder', { holderType: 'V4' }, '422 type-contradicts-registry'],
    ['of the requester', { requesterType: 'V4' }, '422 type-contradicts-registry'],
    ['of both', { holderType: 'V4', requesterType: 'Z3' }, '422 type-contradicts-registry'],
    ['of neither', { holderType: 'Z3', requesterType: 'J8' }, '200'],
  ])('%s: %s', async (_which, asked, expected) => {
    for (const as of ['gp', 'exchange', 'auditor']) {
      expect(verdict(await ask(question(bsn, { holder: GP, requester: PHARMACY, ...asked }), as))).toBe(expected);
    }
  });
});

describe('a clock of the application that is a day slow', () => {
  const RealDate = Date;
  const DAY = 86_400_000;
  class SlowDate extends RealDate {
    constructor(value: string | number | Date = SlowDate.now()) {
      super(value);
    }
    static override now(): number {
      return RealDate.now() - DAY;
    }
  }
  afterEach(() => {
    globalThis.Date = RealDate;
  });

  /** Makes a grant older: its start, and with it its end, an hour before 72 hours ago. */
  const lapse = (id: string) => {
    const earlier = (field: string) => `'{grant,${field}}', to_jsonb((rule->'grant'->>'${field}')::bigint - 262800000)`;
    const rule = `jsonb_set(jsonb_set(rule::jsonb, ${earlier('start')}), ${earlier('end')})`;
    return server().database.database.query(`update consent set rule = ${rule} where id = $1`, [id]);
  };

  it('revives no grant that has lapsed: the clock of the database counts', async () => {
    const bsn = freshBsn();
    const grant = await granted(server(), bsn, {}, 'post');
    expect(await grantDecided(server(), bsn, { requester: POST })).toBe('permit emergency-grant');
    await lapse(grant.id);
    globalThis.Date = SlowDate as DateConstructor;
    expect(new Date().getTime()).toBeLessThan(RealDate.now() - DAY + 1000);
    expect(await grantDecided(server(), bsn, { requester: POST })).toBe('deny no-consent');
    const other = await granted(server(), freshBsn());
    expect(Date.parse(other.provision?.period?.start ?? '') - Date.now()).toBeGreaterThan(DAY - 60_000);
  });
});
