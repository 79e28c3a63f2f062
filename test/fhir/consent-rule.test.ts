import type { Consent } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import type { Place } from '../../src/decision/consent-profile.ts';
import { placeText, readProfile } from '../../src/decision/stored-rule.ts';
import { organizationsNamedIn, withUras } from '../../src/fhir/consent-place.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import type { ConsentContent } from '../../src/fhir/consent-resource.ts';
import { ruleOf } from '../../src/fhir/consent-rule.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const organizations = new Map(
  [
    { id: 'gp', ura: '00000659', types: ['Z3'] },
    { id: 'pharmacy', ura: '00014332', types: ['J8'] },
    { id: 'hospital', ura: '00005098', types: ['V4', 'J8'] },
    { id: 'insurer', ura: '90000697', types: ['insurer'] },
  ].flatMap(({ id, ...organization }) => [
    [`Organization/${id}`, organization] as const,
    [organization.ura, organization] as const,
  ]),
);

const category = (code: string): Place => ({ kind: 'category', code });
const organisation = (ura: string): Place => ({ kind: 'organisation', ura });

const CONTENT: ConsentContent = {
  id: 'one',
  status: 'active',
  patient: 'Patient/p',
  performer: 'Patient/p',
  holder: category('HA'),
  category: 'GGC002',
  answers: [{ requester: category('RPZAC005'), decision: 'permit' }],
  dateTime: Date.UTC(2026, 2, 1, 10),
  origin: 'portal',
  catalogueVersion: '3960100',
};

const ruleFrom = (change: Partial<ConsentContent>) =>
  ruleOf(catalogue, consentOf({ ...CONTENT, ...change }), organizations);

describe('the rule of a Consent', () => {
  it('holds place, data category, authority and answers', () => {
    expect(ruleFrom({})).toEqual({
      v: 1,
      holder: 'c:HA',
      category: 'GGC002',
      authority: 'citizen',
      pending: false,
      answers: [['c:RPZAC005', 'permit']],
    });
  });

  it.each([
    ['a proposed one waits', { status: 'proposed' }, { pending: true, answers: [['c:RPZAC005', 'permit']] }],
    ['a migrated one has a lesser authority', { origin: 'migration' }, { authority: 'migrated' }],
    ['a button is pressed with the citizen', { origin: 'button' }, { authority: 'citizen' }],
    ['an inactive one answers nothing', { status: 'inactive' }, { answers: [] }],
    ['a rejected one answers nothing', { status: 'rejected' }, { answers: [] }],
    ['one entered in error answers nothing', { status: 'entered-in-error' }, { answers: [] }],
    ['an individual holder is an organisation', { holder: organisation('00000659') }, { holder: 'o:00000659' }],
    ['any of the types will do', { holder: organisation('00005098'), category: 'GGC013' }, { category: 'GGC013' }],
  ] as const)('%s', (_, change, expected) => {
    expect(ruleFrom(change)).toMatchObject(expected);
  });

  it('resolves literal references to organisation numbers', () => {
    const consent = consentOf({ ...CONTENT, holder: organisation('00000659'), answers: [] });
    consent.provision = {
      type: 'deny',
      actor: (consent.provision?.actor ?? []).map((actor) => ({
        ...actor,
        reference: { reference: 'Organization/gp' },
      })),
    };
    expect(organizationsNamedIn(consent)).toEqual(['Organization/gp']);
    expect(ruleOf(catalogue, consent, organizations).holder).toBe('o:00000659');
  });

  it('may name a requester organisation that is not registered', () => {
    expect(ruleFrom({ answers: [{ requester: organisation('90000382'), decision: 'deny' }] }).answers).toEqual([
      ['o:90000382', 'deny'],
    ]);
  });
});

const ACTOR = 'Consent.provision.actor[0].reference';
const NESTED = 'Consent.provision.provision[0].actor[0]';

describe('what the engine would not honour is refused', () => {
  it.each([
    ['another data category than the row has', { category: 'GGC013' }, 'category-not-of-holder', 'Consent.category'],
    [
      'a data category of none of the types',
      { holder: organisation('00000659'), category: 'GGC013' },
      'category-not-of-holder',
      'Consent.category',
    ],
    ['an unknown holder category', { holder: category('XXX') }, 'unknown-holder-category', ACTOR],
    ['a holder that is not registered', { holder: organisation('90000382') }, 'holder-not-registered', ACTOR],
    ['a holder outside care', { holder: organisation('90000697') }, 'category-not-of-holder', 'Consent.category'],
    [
      'an unknown requester category',
      { answers: [{ requester: category('RPZAC999'), decision: 'permit' }] },
      'unknown-requester-category',
      `${NESTED}.reference`,
    ],
    [
      'a cell without a question',
      { answers: [{ requester: category('RPZAC200'), decision: 'permit' }] },
      'cell-without-question',
      NESTED,
    ],
    [
      'a requester outside care',
      { answers: [{ requester: organisation('90000697'), decision: 'permit' }] },
      'requester-not-eligible',
      `${NESTED}.reference`,
    ],
    [
      'a requester answered twice',
      {
        answers: [
          { requester: category('RPZAC005'), decision: 'permit' },
          { requester: category('RPZAC005'), decision: 'deny' },
        ],
      },
      'answered-twice',
      'Consent.provision.provision[1].actor[0]',
    ],
  ] as const)('%s', (_, change, code, expression) => {
    const refusal = refusalOf(() => ruleFrom(change));
    expect(refusal).toEqual({ kind: 'invalid', codes: [code], expressions: [expression] });
  });

  it.each([
    ['a reference that is not registered', { reference: 'Organization/nobody' }, 'organization-not-found'],
    ['no place at all', { display: 'my pharmacy' }, 'place-unknown'],
    ['an identifier of another system', { identifier: { system: 'urn:x', value: '00014332' } }, 'place-unknown'],
    [
      'a reference beside an identifier of another organisation',
      {
        reference: 'Organization/gp',
        identifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00014332' },
      },
      'place-contradicts',
    ],
  ])('as holder and as requester: %s', (_, reference, code) => {
    const consent = consentOf(CONTENT);
    const [holder] = consent.provision?.actor ?? [];
    const [requester] = consent.provision?.provision?.[0]?.actor ?? [];
    for (const actor of [holder, requester]) {
      const before = actor?.reference;
      Object.assign(actor ?? {}, { reference });
      expect(refusalOf(() => ruleOf(catalogue, consent, organizations))?.codes).toEqual([code]);
      Object.assign(actor ?? {}, { reference: before });
    }
  });

  it.each([
    ['a period on an ordinary answer', { period: { start: '2026-03-01T10:00:00Z' } }, 'period-not-honoured'],
    ['a second holder', { actor: [0, 0] }, 'one-holder'],
    ['an answer without a type', { provision: [{ actor: [] }] }, 'answer-type'],
    ['an answer without requesters', { provision: [{ type: 'permit', actor: [] }] }, 'requesters-only'],
    ['a third level', { provision: [{ type: 'permit', provision: [{ type: 'deny' }] }] }, 'too-deep'],
  ])('%s', (_, change, code) => {
    const consent = consentOf(CONTENT);
    const holder = consent.provision?.actor?.[0];
    const actor = 'actor' in change ? { actor: [holder, holder] } : {};
    consent.provision = { ...consent.provision, ...change, ...actor } as NonNullable<Consent['provision']>;
    expect(refusalOf(() => ruleOf(catalogue, consent, organizations))?.codes).toEqual([code]);
  });

  it('but withdrawing is possible whatever the answers say', () => {
    const change = { status: 'inactive', category: 'GGC013' } as const;
    expect(ruleFrom(change).answers).toEqual([]);
  });

  it.each([
    ['a category the catalogue dropped', category('XXX'), 'c:XXX'],
    ['an organisation the registry dropped', organisation('90000382'), 'o:90000382'],
  ])('nor does withdrawing depend on %s', (_, holder, place) => {
    const answers = [
      { requester: category('RPZAC999'), decision: 'permit' as const },
      { requester: organisation('90000697'), decision: 'permit' as const },
    ];
    for (const status of ['inactive', 'entered-in-error', 'rejected'] as const) {
      expect(ruleFrom({ status, holder, answers, category: 'GGC999' })).toMatchObject({ holder: place, answers: [] });
    }
  });

  it('or more requester places than anyone needs', () => {
    const answersOf = (length: number) =>
      Array.from({ length }, (_, index) => ({
        requester: organisation(String(90_020_000 + index)),
        decision: 'deny' as const,
      }));
    expect(ruleFrom({ answers: answersOf(100) }).answers).toHaveLength(100);
    expect(refusalOf(() => ruleFrom({ answers: answersOf(101) }))?.codes).toEqual(['too-many-requesters']);
  });
});

describe('the URA beside a literal reference', () => {
  const literal = (id: string) => ({ reference: `Organization/${id}` });
  const beside = (ura: string) => ({ identifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: ura } });
  const placesIn = ({ provision }: Consent) =>
    [provision, ...(provision?.provision ?? [])].flatMap((one) => (one?.actor ?? []).map(({ reference }) => reference));
  const naming = (...references: readonly object[]) => {
    const consent = consentOf(CONTENT);
    const [holder, requester] = references;
    Object.assign(consent.provision?.actor?.[0] ?? {}, { reference: holder });
    Object.assign(consent.provision?.provision?.[0]?.actor?.[0] ?? {}, { reference: requester });
    return consent;
  };

  it('is added, at both levels, and nothing else is touched', () => {
    const consent = naming(literal('gp'), literal('pharmacy'));
    const before = structuredClone(consent);
    const named = withUras(consent, organizations);
    const expected = [
      { ...literal('gp'), ...beside('00000659') },
      { ...literal('pharmacy'), ...beside('00014332') },
    ];
    expect(placesIn(named)).toEqual(expected);
    expect(consent).toEqual(before);
    expect(named).toEqual(naming(...expected));
    expect(ruleOf(catalogue, named, organizations)).toEqual(ruleOf(catalogue, consent, organizations));
  });

  it('is not added where it stands or where nobody knows it', () => {
    const places = [{ ...literal('gp'), ...beside('00000659') }, literal('nobody')];
    expect(placesIn(withUras(naming(...places), organizations))).toEqual(places);
    expect(withUras(consentOf(CONTENT), organizations)).toEqual(consentOf(CONTENT));
  });
});

describe('a Consent made from answers', () => {
  const codes = catalogue.holderCategories.get('HA')?.requesterCategories ?? [];
  const requester = fc.constantFrom<Place>(...codes.map(category), organisation('00014332'), organisation('90000382'));
  const answer = fc.record({ requester, decision: fc.constantFrom('permit' as const, 'deny' as const) });
  const answers = fc.uniqueArray(answer, { selector: (one) => placeText(one.requester) });

  it('says those answers again as a rule that the engine reads', () => {
    const holders = fc.constantFrom<Place>(category('HA'), organisation('00000659'));
    fc.assert(
      fc.property(answers, holders, (given, holder) => {
        const rule = ruleFrom({ answers: given, holder });
        const said = given.map((one) => [placeText(one.requester), one.decision]);
        expect([...rule.answers].sort()).toEqual(said.sort());
        const profile = readProfile([{ source: 'Consent/one/_history/1', recordedAt: 0, rule }]);
        expect(profile.unreadable).toEqual([]);
        expect(profile.answers).toHaveLength(given.length);
      }),
    );
  });

  it('has at most one permit and one deny', () => {
    fc.assert(
      fc.property(answers, (given) => {
        const types = (consentOf({ ...CONTENT, answers: given }).provision?.provision ?? []).map(({ type }) => type);
        expect(types).toEqual([...new Set(types)]);
      }),
    );
  });

  it('names the recording organisation when there is one', () => {
    expect(consentOf(CONTENT)).not.toHaveProperty('organization');
    expect(consentOf({ ...CONTENT, organization: 'Organization/gp' }).organization).toEqual([
      { reference: 'Organization/gp' },
    ]);
  });
});
