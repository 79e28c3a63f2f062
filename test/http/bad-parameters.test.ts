import { useTestServer } from '../setup/test-server.ts';
import { partsOf, resultsOf, verdict } from './answers.ts';
import { logged, namedRequest } from './ledger.ts';
import { GP, KARIM, NOOR, UNREGISTERED } from './people.ts';
import { batchOf, choice, parameters, question, questionOf } from './questions.ts';
import { expectNoEcho, refused } from './refusal.ts';
import { BSN_SYSTEM, organization, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

describe('a question is refused that', () => {
  const party = (name: string, value: unknown, system = URA_SYSTEM) => ({ name, valueIdentifier: { system, value } });
  const patientOf = (value: unknown) => party('patient', value, BSN_SYSTEM);
  const rest = questionOf(KARIM).slice(1);

  const questions: readonly (readonly [string, object, string])[] = [
    ['has a purpose that is none of ours', question(KARIM, { purpose: 'ETREAT' }), '422 unknown-purpose'],
    ['has an unknown holder type', question(KARIM, { holderType: 'ZZZ' }), '422 unknown-holder-type'],
    ['has an unknown requester type', question(KARIM, { requesterType: 'ZZZ' }), '422 unknown-requester-type'],
    ['has an unknown data category', question(KARIM, { dataCategory: 'GGC999' }), '422 unknown-data-category'],
    ['has a known and an unknown one', question(KARIM, { dataCategory: ['GGC002', 'GGC999'] }), '422'],
    [
      'has a holder type that is not registered',
      question(KARIM, { holderType: 'V4' }),
      '422 type-contradicts-registry',
    ],
    [
      'has a requester type that is not registered',
      question(KARIM, { requesterType: 'Z3' }),
      '422 type-contradicts-registry',
    ],
    [
      'makes an insurer of a registered pharmacy',
      question(KARIM, { more: [{ name: 'requesterType', valueCoding: { code: 'insurer' } }] }),
      '422',
    ],
    [
      'leaves the type of an unregistered requester open',
      question(KARIM, { requester: UNREGISTERED }),
      '422 type-required',
    ],
    ['has a BSN that fails the eleven-test', parameters([patientOf('900186022'), ...rest]), '400 bsn-invalid'],
    ['has a BSN of zeros', parameters([patientOf('000000000'), ...rest]), '400 bsn-invalid'],
    ['has the published sample', parameters([patientOf('123456789'), ...rest]), '400 bsn-invalid'],
    ['has a BSN of eight digits', parameters([patientOf('90018602'), ...rest]), '400 bsn-invalid'],
    ['has a BSN with a space', parameters([patientOf('9001 86021'), ...rest]), '400 bsn-invalid'],
    ['has a BSN in Arabic digits', parameters([patientOf('٩٠٠١٨٦٠٢١'), ...rest]), '400 bsn-invalid'],
    ['has a BSN that is a number', parameters([patientOf(Number(NOOR)), ...rest]), '400 value-malformed'],
    ['has a BSN of a million characters', parameters([patientOf('9'.repeat(1_000_000)), ...rest]), '400'],
    ['has a BSN of another system', parameters([party('patient', NOOR, 'http://example.org'), ...rest]), '400'],
    ['has no citizen', parameters(rest), '400 parameter-missing'],
    ['has two citizens', parameters([patientOf(NOOR), patientOf(KARIM), ...rest]), '400 parameter-repeated'],
    ['has an organisation number of seven digits', question(KARIM, { requester: '0000659' }), '400 ura-invalid'],
    [
      'has a parameter that is not known',
      question(KARIM, { more: [{ name: 'colour', valueCode: 'red' }] }),
      '400 parameter-unknown',
    ],
    [
      'has a parameter of another type',
      question(KARIM, { more: [{ name: 'detail', valueString: 'full' }] }),
      '400 parameter-type',
    ],
    [
      'asks for an unknown detail',
      question(KARIM, { more: [{ name: 'detail', valueCode: 'some' }] }),
      '422 unknown-detail',
    ],
    [
      'asks a data category twice',
      question(KARIM, { dataCategory: ['GGC002', 'GGC002'] }),
      '400 data-category-repeated',
    ],
    ['has a professional without a number', question(KARIM, { more: [party('professional', '12')] }), '400'],
    ['has a moment that is not', question(KARIM, { at: '2026-02-30T00:00:00Z' }), '400'],
    ['is another resource', organization(GP), '400 parameters-expected'],
    ['has no parameters', parameters([]), '400 parameter-missing'],
    ['is a batch of none', { resourceType: 'Parameters', parameter: [{ name: 'request' }] }, '400'],
    [
      'is a batch and a question',
      parameters([...questionOf(KARIM), { name: 'request', part: questionOf(KARIM) }]),
      '400',
    ],
    ['is a batch of 501', batchOf(Array<object[]>(501).fill(questionOf(KARIM))), '413 batch-too-long'],
  ];

  it.each(questions)('%s', async (_, body, expected) => {
    const answer = await refused(server(), '/Consent/$check', { as: 'gp', body });
    expect(verdict(answer)).toMatch(new RegExp(`^${expected}`));
    expect(JSON.stringify(answer.body)).not.toMatch(/permit|"deny"/);
    expectNoEcho(answer, 'ETREAT', 'ZZZ', 'GGC999', '٩٠٠١٨٦٠٢١', '90018602', KARIM);
  });

  it('has nothing wrong: that one is answered', async () => {
    const answer = await server().fhir('/Consent/$check', {
      as: 'gp',
      body: question(KARIM, { holderType: 'Z3', requesterType: 'J8', dataCategory: 'GGC002', purpose: 'COC' }),
    });
    expect(partsOf(answer)['decision']?.valueCode).toBe('permit');
    const unregistered = await server().fhir('/Consent/$check', {
      as: 'gp',
      body: question(KARIM, { requester: UNREGISTERED, requesterType: 'J8' }),
    });
    expect(partsOf(unregistered)['decision']?.valueCode).toBe('permit');
  });

  it('is one of many: it is a deny with an outcome, its neighbours are answered', async () => {
    const broken = questions.flatMap(([, body]) => {
      const { parameter } = body as { parameter?: object[] };
      const isSmall = parameter !== undefined && JSON.stringify(parameter).length < 5000;
      return isSmall && !JSON.stringify(parameter).includes('"request"') ? [parameter] : [];
    });
    const items = broken.flatMap((one) => [one, questionOf(KARIM)]);
    const { id, headers } = namedRequest();
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: batchOf(items), headers });
    expect(answer.status).toBe(200);
    const results = resultsOf(answer);
    expect(results).toHaveLength(items.length);
    for (const [index, result] of results.entries()) {
      expect(result['decision']?.valueCode).toBe(index % 2 === 0 ? 'deny' : 'permit');
      expect(result['outcome']?.resource?.resourceType).toBe(index % 2 === 0 ? 'OperationOutcome' : undefined);
    }
    expectNoEcho({ ...answer, body: results.map(({ outcome }) => outcome) });
    const records = await logged(server(), id);
    expect(records.filter(({ outcome }) => outcome === '4')).toHaveLength(broken.length);
    expect(records.filter(({ outcome }) => outcome === '0')).toHaveLength(broken.length);
  });
});

describe('a choice is refused that', () => {
  const code = (name: string, valueCode: string) => ({ name, valueCode });
  const identifier = (name: string, value: string) => ({ name, valueIdentifier: { system: URA_SYSTEM, value } });
  const certain = (...parts: object[]) => choice(NOOR, 'certain', [parts]);

  it.each([
    ['is none of the three', choice(NOOR, 'some' as 'all'), '422'],
    ['is all, with answers', choice(NOOR, 'all', [[code('decision', 'permit')]]), '4'],
    ['is certain, without answers', choice(NOOR, 'certain'), '4'],
    ['names no holder', certain(code('decision', 'permit')), '4'],
    ['names an unknown holder category', certain(code('holderCategory', 'XYZ'), code('decision', 'permit')), '422'],
    [
      'names a holder that is not registered',
      certain(identifier('holder', UNREGISTERED), code('decision', 'permit')),
      '422 holder-not-registered',
    ],
    [
      'names a cell without a question',
      certain(code('holderCategory', 'HA'), code('requesterCategory', 'RPZAC200'), code('decision', 'permit')),
      '422',
    ],
    ['says neither yes nor no', certain(code('holderCategory', 'HA'), code('decision', 'maybe')), '422'],
    [
      'says yes and no at once',
      choice(NOOR, 'certain', [
        [code('holderCategory', 'HA'), code('decision', 'permit')],
        [code('holderCategory', 'HA'), code('decision', 'deny')],
      ]),
      '4',
    ],
    [
      'names the way of a provider',
      parameters([...choice(NOOR, 'all').parameter, code('way', 'button')]),
      '422 way-not-for-citizen',
    ],
    ['has an unknown part', certain(code('holderCategory', 'HA'), code('colour', 'red')), '400 parameter-unknown'],
    [
      'has a holder type for a coding',
      certain({ name: 'holderCategory', valueCoding: { system: TYPE_SYSTEM, code: 'Z3' } }),
      '400',
    ],
  ])('%s', async (_, body, expected) => {
    const answer = await refused(server(), '/Consent/$choose', { as: `citizen:${NOOR}`, body });
    expect(verdict(answer)).toMatch(new RegExp(`^${expected}`));
    expectNoEcho(answer, NOOR, 'XYZ', UNREGISTERED);
  });
});
