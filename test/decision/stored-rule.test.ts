import fc from 'fast-check';
import type { Answer, EmergencyGrant } from '../../src/decision/consent-profile.ts';
import { placeText, readPlace, readProfile, type StoredRule } from '../../src/decision/stored-rule.ts';

const source = 'Consent/4f1/_history/2';
const recordedAt = 1_700_000_000_000;
const answers: StoredRule = {
  v: 1,
  holder: 'o:00000659',
  category: 'GGC002',
  authority: 'citizen',
  pending: false,
  answers: [
    ['c:RPZAC005', 'permit'],
    ['o:00014332', 'deny'],
  ],
};
const grant: StoredRule = {
  v: 1,
  holder: ['o:00000659', 'o:00005098'],
  category: 'GGC002',
  authority: 'citizen',
  pending: false,
  answers: [['o:00000666', 'permit']],
  grant: { start: 1_000, end: 259_201_000, agreed: true },
};

function read(rule: unknown) {
  return readProfile([{ source, recordedAt, rule }]);
}

function without(rule: StoredRule, field: keyof StoredRule): unknown {
  return Object.fromEntries(Object.entries(rule).filter(([key]) => key !== field));
}

const UNREADABLE = { answers: [], grants: [], unreadable: [source] };

describe('readProfile', () => {
  it('reads the answers of a rule', () => {
    const shared = { dataCategory: 'GGC002', authority: 'citizen', pending: false, recordedAt, source } as const;
    const holder = { kind: 'organisation', ura: '00000659' } as const;
    expect(read(answers)).toStrictEqual({
      answers: [
        { ...shared, holder, requester: { kind: 'category', code: 'RPZAC005' }, decision: 'permit' },
        { ...shared, holder, requester: { kind: 'organisation', ura: '00014332' }, decision: 'deny' },
      ],
      grants: [],
      unreadable: [],
    });
  });

  it('reads a migrated rule, a waiting rule, and a rule about a whole holder category', () => {
    const [answer] = read({ ...answers, holder: 'c:HA', authority: 'migrated', pending: true }).answers;
    expect(answer).toMatchObject({ authority: 'migrated', pending: true, holder: { kind: 'category', code: 'HA' } });
  });

  it('reads a rule whose answers were all cleared as no answer', () => {
    expect(read({ ...answers, answers: [] })).toStrictEqual({ answers: [], grants: [], unreadable: [] });
  });

  it('reads a grant for named holders and one for all holders', () => {
    const requesterUra = '00000666';
    const term = { start: 1_000, end: 259_201_000, agreed: true };
    const expected = { requesterUra, holders: ['00000659', '00005098'], dataCategory: 'GGC002', ...term, source };
    expect(read(grant)).toStrictEqual({ answers: [], grants: [expected], unreadable: [] });
    expect(read({ ...grant, holder: 'all' }).grants).toStrictEqual([{ ...expected, holders: 'all' }]);
  });

  it('reads a grant that was ended after a millisecond, and one of a patient who could not be asked', () => {
    expect(read({ ...grant, grant: { start: 1, end: 2, agreed: false } }).grants).toMatchObject([
      { start: 1, end: 2, agreed: false },
    ]);
  });

  it('keeps what it can read beside what it cannot, each row under its own source', () => {
    const rows = [answers, grant, null].map((rule, index) => ({ source: `Consent/${index}`, recordedAt, rule }));
    const profile = readProfile(rows);
    expect(profile.answers.map((one) => one.source)).toEqual(['Consent/0', 'Consent/0']);
    expect(profile.grants.map((one) => one.source)).toEqual(['Consent/1']);
    expect(profile.unreadable).toEqual(['Consent/2']);
  });

  const term = grant.grant;
  it.each<readonly [string, unknown]>([
    ['null', null],
    ['a text', 'all'],
    ['a list', [answers]],
    ['a list with named fields', Object.assign([], answers)],
    ['nothing', undefined],
    ['an empty object', {}],
    ['another version', { ...answers, v: 2 }],
    ['a version in text', { ...answers, v: '1' }],
    ...(['v', 'holder', 'category', 'authority', 'pending', 'answers'] as const).map(
      (field) => [`no ${field}`, without(answers, field)] as const,
    ),
    ['a field it does not know', { ...answers, purpose: 'TREAT' }],
    ['a field it does not know in place of one it knows', { ...(without(answers, 'pending') as object), waits: false }],
    ['a field with a treacherous name', JSON.parse(`{"__proto__":{},${JSON.stringify(answers).slice(1)}`)],
    ['a holder of unknown form', { ...answers, holder: 'x:HA' }],
    ['several holders outside a grant', { ...answers, holder: ['o:00000659'] }],
    ['all holders outside a grant', { ...answers, holder: 'all' }],
    ['an empty category', { ...answers, category: '' }],
    ['a category with a blank', { ...answers, category: 'GGC002 ' }],
    ['a category that is a number', { ...answers, category: 2 }],
    ['an authority it does not know', { ...answers, authority: 'parent' }],
    ['a waiting that is no boolean', { ...answers, pending: 'false' }],
    ['answers that are no list', { ...answers, answers: { 'c:RPZAC005': 'permit' } }],
    ['an answer that is no pair', { ...answers, answers: ['c:RPZAC005'] }],
    ['an answer that is a text of two', { ...answers, answers: ['cp'] }],
    ['an answer of three', { ...answers, answers: [['c:RPZAC005', 'permit', 'TREAT']] }],
    ['an answer of one', { ...answers, answers: [['c:RPZAC005']] }],
    ['an answer to a place of unknown form', { ...answers, answers: [['RPZAC005', 'permit']] }],
    ['an answer with an unknown word', { ...answers, answers: [['c:RPZAC005', 'clear']] }],
    [
      'one good answer beside a bad one',
      {
        ...answers,
        answers: [
          ['c:RPZAC005', 'permit'],
          ['c:RPZAC001', 'yes'],
        ],
      },
    ],
    [
      'two answers to one place',
      {
        ...answers,
        answers: [
          ['c:RPZAC005', 'permit'],
          ['c:RPZAC005', 'deny'],
        ],
      },
    ],
    ['a grant that is null', { ...grant, grant: null }],
    ['a grant without a start', { ...grant, grant: { end: 2, agreed: true } }],
    ['a grant with a field it does not know', { ...grant, grant: { ...term, reason: 'x' } }],
    ['a grant that starts at no whole millisecond', { ...grant, grant: { ...term, start: 1_000.5 } }],
    ['a grant that ends at no whole millisecond', { ...grant, grant: { ...term, end: 2_000.5 } }],
    ['a grant that starts at a text', { ...grant, grant: { ...term, start: '2026-03-01' } }],
    ['a grant that ends as it starts', { ...grant, grant: { ...term, end: 1_000 } }],
    ['a grant that ends before it starts', { ...grant, grant: { ...term, end: 999 } }],
    ['a grant of 72 hours and a millisecond', { ...grant, grant: { ...term, end: 259_201_001 } }],
    ['a grant that does not say whether the patient agreed', { ...grant, grant: { ...term, agreed: 'agreed' } }],
    ['a grant for one holder outside a list', { ...grant, holder: 'o:00000659' }],
    ['a grant for no holder', { ...grant, holder: [] }],
    ['a grant for a holder category', { ...grant, holder: ['o:00000659', 'c:HA'] }],
    ['a grant to a category', { ...grant, answers: [['c:RPZAC001', 'permit']] }],
    ['a grant to nobody', { ...grant, answers: [] }],
    ['a grant whose answer is a no', { ...grant, answers: [['o:00000666', 'deny']] }],
    [
      'a grant to two organisations',
      {
        ...grant,
        answers: [
          ['o:00000666', 'permit'],
          ['o:00005098', 'permit'],
        ],
      },
    ],
    [
      'a grant to two of which one is unknown',
      {
        ...grant,
        answers: [
          ['o:00000666', 'permit'],
          ['x', 'permit'],
        ],
      },
    ],
    ['a migrated grant', { ...grant, authority: 'migrated' }],
    ['a waiting grant', { ...grant, pending: true }],
    ['a grant for an unknown form of data category', { ...grant, category: null }],
  ])('cannot read %s', (_what, rule) => {
    expect(read(rule)).toStrictEqual(UNREADABLE);
  });

  it.each([Number.NaN, 0.5, Number.POSITIVE_INFINITY])('cannot read a rule recorded at %s', (moment) => {
    for (const rule of [answers, grant]) {
      expect(readProfile([{ source, recordedAt: moment, rule }])).toStrictEqual(UNREADABLE);
    }
  });

  it('never throws and never skips a row, whatever is stored', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 5 }), (rules) => {
        const rows = rules.map((rule, index) => ({ source: `Consent/${index}`, recordedAt, rule }));
        expect(readProfile(rows).unreadable).toEqual(rows.map((row) => row.source));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads a rule with one part replaced only when that says exactly what was understood', () => {
    const field = fc.constantFrom('v', 'holder', 'category', 'authority', 'pending', 'answers', 'grant', 'more');
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>('c:APO', 'migrated', true, [['c:X', 'deny']]));
    fc.assert(
      fc.property(fc.constantFrom(answers, grant), field, value, (rule, name, replacement) => {
        const changed = { ...rule, [name]: replacement };
        const { answers: given, grants, unreadable } = read(changed);
        if (unreadable.length > 0 || given.length + grants.length === 0) return;
        expect(grants.map(writeGrant)[0] ?? writeAnswers(given)).toEqual(changed);
      }),
      { numRuns: 5_000 },
    );
  });
});

function writeAnswers(given: readonly Answer[]): unknown {
  const [first] = given;
  return {
    v: 1,
    holder: first && placeText(first.holder),
    category: first?.dataCategory,
    authority: first?.authority,
    pending: first?.pending,
    answers: given.map(({ requester, decision }) => [placeText(requester), decision]),
  };
}

function writeGrant({ requesterUra, holders, dataCategory: category, start, end, agreed }: EmergencyGrant): unknown {
  const holder = holders === 'all' ? 'all' : holders.map((ura) => `o:${ura}`);
  const rest = { category, authority: 'citizen', pending: false, answers: [[`o:${requesterUra}`, 'permit']] };
  return { v: 1, holder, ...rest, grant: { start, end, agreed } };
}

describe('placeText and readPlace', () => {
  it.each(['c:HA', 'c:RPZAC005', 'c:x.y-1', `c:${'A'.repeat(64)}`, 'o:00000659'])('read and write %s alike', (text) => {
    const place = readPlace(text);
    expect(place && placeText(place)).toBe(text);
  });

  it.each<unknown>([
    'HA',
    'c:',
    'c: HA',
    'c:HA\n',
    'c:-',
    'c:é',
    `c:${'A'.repeat(65)}`,
    'C:HA',
    'o:',
    'o:659',
    'o:000006590',
    'o:0000065x',
    'o:x0000659',
    'o:٠٠٠٠٠٦٥٩',
    'x:00000659',
    '00000659',
    '',
    659,
    null,
    ['c:HA'],
  ])('name no place in %j', (text) => {
    expect(readPlace(text)).toBeUndefined();
  });
});
