import fc from 'fast-check';
import {
  allowsResource,
  intersectScopes,
  type OperationScope,
  parseScopes,
  type Scopes,
} from '../../src/auth/scopes.ts';

const CONTEXTS = ['patient', 'user', 'system'] as const;
const TYPES = ['Patient', 'Consent', 'Organization', 'AuditEvent', 'Observation'] as const;
const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;
const OPERATIONS: readonly OperationScope[] = [
  'akkoord/consent.check',
  'akkoord/consent.locate',
  'akkoord/consent.record',
  'akkoord/consent.migrate',
  'akkoord/consent.emergency',
  'akkoord/audit.read',
];

interface Asked {
  /** `system Consent r`, or the scope of an operation. */
  readonly name: string;
  readonly of: (scopes: Scopes) => boolean;
}

/** Everything that can be asked of scopes. */
const INTERACTIONS: readonly Asked[] = [
  ...CONTEXTS.flatMap((context) =>
    TYPES.flatMap((type) =>
      LETTERS.map((letter) => ({
        name: `${context} ${type} ${letter}`,
        of: (scopes: Scopes) => allowsResource(scopes, context, type, letter),
      })),
    ),
  ),
  ...OPERATIONS.map((name) => ({ name, of: (scopes: Scopes) => scopes.has(name) })),
];

/** All ways to write letters down: 31 words. */
const WORDS_OF_LETTERS = (
  'c r u d s cr cu cd cs ru rd rs ud us ds cru crd crs cud cus cds rud rus rds uds ' + 'crud crus crds cuds ruds cruds'
).split(' ');

/** Every scope there is, with what it allows: looked up, never parsed. */
const TABLE: ReadonlyMap<string, readonly string[]> = new Map([
  ...OPERATIONS.map((scope): [string, string[]] => [scope, [scope]]),
  ...CONTEXTS.flatMap((context) =>
    WORDS_OF_LETTERS.flatMap((letters): [string, string[]][] => {
      const of = (types: readonly string[]) =>
        types.flatMap((type) => letters.split('').map((letter) => `${context} ${type} ${letter}`));
      return [
        [`${context}/*.${letters}`, of(TYPES)],
        ...TYPES.map((type): [string, string[]] => [`${context}/${type}.${letters}`, of([type])]),
      ];
    }),
  ),
]);

const DEFINED = [...TABLE.keys()];

const UNDEFINED = [
  ...[
    '',
    ' ',
    '*',
    '*.*',
    'openid',
    'system',
    'system/',
    'system/Consent',
    'system/Consent.',
    '/Consent.r',
    'Consent.r',
  ],
  ...['system/Consent.dus', 'system/Consent.sruc', 'system/Consent.rr', 'system/Consent.sr', 'system/Consent.crudss'],
  ...['system/Consent.read', 'system/Consent.write', 'system/Consent.*', 'system/*.*', 'system/*.read', 'system/**.r'],
  ...['system/Consent.rs?patient=1', 'system/Consent.rs?', 'system/Consent.R', 'System/Consent.r', 'system/consent.r'],
  ...[
    'system/Consent.r\n',
    '\tsystem/Consent.r',
    'system/Consent.r,system/Patient.r',
    'systemXConsent.r',
    'all/Consent.r',
  ],
  ...[
    'akkoord/consent',
    'akkoord/*',
    'akkoord/consent.*',
    'akkoord/consent.checks',
    'AKKOORD/consent.check',
    'akkoord/',
  ],
  ...['__proto__', 'system/__proto__.r', 'constructor', 'system/Consent.r\0', 'system/Cоnsent.r', 'system//Consent.r'],
];

const allowedBy = (scopes: Scopes) => INTERACTIONS.filter(({ of }) => of(scopes)).map(({ name }) => name);

const byTable = (words: readonly string[]) => new Set(words.flatMap((word) => TABLE.get(word) ?? []));

const scopeWord = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...DEFINED) },
  { weight: 2, arbitrary: fc.constantFrom(...UNDEFINED) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
);
const scopeWords = fc.array(scopeWord, { maxLength: 6 });
const RUNS = 100_000;

describe('scopes', () => {
  it('allow what the table says, of token and registry together, and nothing else', () => {
    let [permitted, refused] = [0, 0];
    fc.assert(
      fc.property(scopeWords, scopeWords, (token, registry) => {
        const effective = intersectScopes(parseScopes(token), parseScopes(registry));
        const [inToken, inRegistry] = [byTable(token), byTable(registry)];
        for (const { name, of } of INTERACTIONS) {
          const expected = inToken.has(name) && inRegistry.has(name);
          if (of(effective) !== expected) throw new Error(`${name}: ${String(expected)}`);
          if (expected) permitted += 1;
          else refused += 1;
        }
      }),
      { numRuns: RUNS },
    );
    console.log(`${RUNS} sets of scopes: ${permitted} interactions allowed, ${refused} not`);
    expect(Math.min(permitted, refused)).toBeGreaterThan(RUNS / 4);
  });

  it.each(UNDEFINED)('that are not defined give nothing: %j', (word) => {
    expect(parseScopes([word])).toEqual(new Set());
    expect(allowedBy(parseScopes([word, 'system/Consent.r']))).toEqual(['system Consent r']);
  });

  it.each(DEFINED.filter((_, index) => index % 23 === 0))('that are defined give something: %s', (word) => {
    expect(allowedBy(parseScopes([word])).length).toBeGreaterThan(0);
  });

  it('are never widened by the other side, nor by their order or number', () => {
    fc.assert(
      fc.property(scopeWords, scopeWords, (token, registry) => {
        const [one, other] = [parseScopes(token), parseScopes(registry)];
        const both = intersectScopes(one, other);
        const allowed = allowedBy(both);
        for (const side of [one, other]) expect(allowedBy(side)).toEqual(expect.arrayContaining(allowed));
        expect(allowedBy(intersectScopes(other, one))).toEqual(allowed);
        expect(allowedBy(intersectScopes(both, other))).toEqual(allowed);
        expect(parseScopes([...token].reverse().concat(token))).toEqual(one);
      }),
      { numRuns: 2_000 },
    );
  });

  it('of any length do no harm', () => {
    const long = (length: number) => `system/${'C'.repeat(length)}.rs`;
    const many = Array.from({ length: 32_768 / 16 }, () => 'system/Consent.r');
    expect(parseScopes([long(32_768)])).toEqual(new Set());
    expect(parseScopes([long(1_048_576), 'system/Consent.r'])).toEqual(parseScopes(['system/Consent.r']));
    expect(parseScopes([...many, ...many])).toEqual(parseScopes(['system/Consent.r']));
  });
});
