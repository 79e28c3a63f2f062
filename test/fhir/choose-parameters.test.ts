import fc from 'fast-check';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { readChoose } from '../../src/fhir/choose-parameters.ts';
import { requireQuestions } from '../../src/fhir/chosen-cells.ts';
import { Problem } from '../../src/problem.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { parametersLike } from './arbitrary-parameters.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const PATIENT = { name: 'patient', valueIdentifier: { value: '900186021' } };
const code = (name: string, valueCode: unknown) => ({ name, valueCode });
const ura = (name: string, value: string) => ({ name, valueIdentifier: { system: URA, value } });
const answer = (...part: unknown[]) => ({ name: 'answer', part });
const HA = code('holderCategory', 'HA');
const APO = code('requesterCategory', 'RPZAC005');
const [YES, NO, CLEAR] = [code('decision', 'permit'), code('decision', 'deny'), code('decision', 'clear')];

const choose = (option: unknown, ...parameter: unknown[]) =>
  readChoose(catalogue, { resourceType: 'Parameters', parameter: [PATIENT, code('option', option), ...parameter] });

describe('the input of $choose', () => {
  it.each(['all', 'none'])('may be %s', (option) => {
    expect(choose(option)).toEqual({ bsn: '900186021', option });
  });

  it('may be certain answers, by category and by organisation', () => {
    const choice = choose(
      'certain',
      answer(HA, APO, code('requesterCategory', 'RPZAC104'), YES),
      answer(ura('holder', '00000659'), ura('requester', '00014332'), NO),
      answer(code('holderCategory', 'LAB'), CLEAR),
      code('way', 'button'),
      { name: 'reason', valueString: 'asked at the desk' },
    );
    expect(choice).toEqual({
      bsn: '900186021',
      option: 'certain',
      way: 'button',
      reason: 'asked at the desk',
      answers: [
        {
          holder: { kind: 'category', code: 'HA' },
          requesters: [
            { kind: 'category', code: 'RPZAC005' },
            { kind: 'category', code: 'RPZAC104' },
          ],
          decision: 'permit',
          expression: 'Parameters.parameter[2]',
        },
        {
          holder: { kind: 'organisation', ura: '00000659' },
          requesters: [{ kind: 'organisation', ura: '00014332' }],
          decision: 'deny',
          expression: 'Parameters.parameter[3]',
        },
        {
          holder: { kind: 'category', code: 'LAB' },
          requesters: 'row',
          decision: 'clear',
          expression: 'Parameters.parameter[4]',
        },
      ],
    });
  });

  it.each([
    ['the same answer twice', [answer(HA, APO, YES), answer(HA, APO, YES)]],
    ['a row and one of its cells alike', [answer(HA, YES), answer(HA, APO, YES)]],
    [
      'different answers to a category and to an organisation',
      [answer(HA, YES), answer(HA, ura('requester', '00014332'), NO)],
    ],
    [
      'different answers for a category and for an organisation',
      [answer(HA, YES), answer(ura('holder', '00000659'), NO)],
    ],
    ['different answers for two rows', [answer(HA, YES), answer(code('holderCategory', 'APO'), NO)]],
  ])('may hold %s', (_, answers) => {
    expect(choose('certain', ...answers)).toMatchObject({ option: 'certain' });
  });
});

describe('a choice that cannot be recorded', () => {
  it.each([
    ['another option', 'some', [], 'unknown-option', 'Parameters.parameter[1].valueCode'],
    ['answers beside all', 'all', [answer(HA, APO, YES)], 'answers-not-allowed', 'Parameters.parameter[2]'],
    ['answers beside none', 'none', [answer(HA, APO, YES)], 'answers-not-allowed', 'Parameters.parameter[2]'],
    ['certain without answers', 'certain', [], 'answers-missing', 'Parameters'],
    ['another way', 'all', [code('way', 'portal')], 'unknown-way', 'Parameters.parameter[2].valueCode'],
    ['no holder', 'certain', [answer(APO, YES)], 'one-holder', 'Parameters.parameter[2]'],
    ['two holders', 'certain', [answer(HA, ura('holder', '00000659'), YES)], 'one-holder', 'Parameters.parameter[2]'],
    [
      'a holder category nobody knows',
      'certain',
      [answer(code('holderCategory', 'XXX'), YES)],
      'unknown-holder-category',
      'Parameters.parameter[2].part[0].valueCode',
    ],
    [
      'a requester category nobody knows',
      'certain',
      [answer(HA, code('requesterCategory', 'RPZAC999'), YES)],
      'unknown-requester-category',
      'Parameters.parameter[2].part[1].valueCode',
    ],
    [
      'another decision',
      'certain',
      [answer(HA, code('decision', 'perhaps'))],
      'unknown-decision',
      'Parameters.parameter[2].part[1].valueCode',
    ],
    [
      'a cell without a question',
      'certain',
      [answer(HA, APO, YES), answer(HA, code('requesterCategory', 'RPZAC200'), YES)],
      'cell-without-question',
      'Parameters.parameter[3]',
    ],
    [
      'a category no row asks about, for an organisation',
      'certain',
      [answer(ura('holder', '00000659'), code('requesterCategory', 'RPZAC200'), YES)],
      'cell-without-question',
      'Parameters.parameter[2]',
    ],
    [
      'yes and no',
      'certain',
      [answer(HA, APO, YES), answer(HA, APO, NO)],
      'answers-contradict',
      'Parameters.parameter[3]',
    ],
    [
      'yes and clear',
      'certain',
      [answer(HA, APO, CLEAR), answer(HA, APO, YES)],
      'answers-contradict',
      'Parameters.parameter[3]',
    ],
    [
      'a row yes, its cell no',
      'certain',
      [answer(HA, YES), answer(HA, APO, NO)],
      'answers-contradict',
      'Parameters.parameter[3]',
    ],
    [
      'an organisation no, its cell yes',
      'certain',
      [answer(ura('holder', '00000659'), NO), answer(ura('holder', '00000659'), APO, YES)],
      'answers-contradict',
      'Parameters.parameter[3]',
    ],
    [
      'yes and no to one organisation',
      'certain',
      [answer(HA, ura('requester', '00014332'), YES), answer(HA, ura('requester', '00014332'), NO)],
      'answers-contradict',
      'Parameters.parameter[3]',
    ],
  ])('has %s', (_, option, parameters, expected, expression) => {
    const refusal = refusalOf(() => choose(option, ...parameters));
    expect(refusal).toEqual({ kind: 'invalid', codes: [expected], expressions: [expression] });
  });

  it.each([
    ['an answer without a decision', [answer(HA, APO)], 'parameter-missing'],
    ['an answer with two decisions', [answer(HA, APO, YES, NO)], 'parameter-repeated'],
    ['an answer of no parts', [code('answer', 'x')], 'parameter-type'],
    ['a part nobody knows', [answer(HA, YES, code('until', '2027'))], 'parameter-unknown'],
    ['a holder number that is none', [answer(ura('holder', '659'), YES)], 'ura-invalid'],
    ['a second option', [code('option', 'all')], 'parameter-repeated'],
  ])('has %s', (_, parameters, expected) => {
    expect(refusalOf(() => choose('certain', ...parameters))).toMatchObject({ kind: 'malformed', codes: [expected] });
  });
});

it('the question of an organisation is judged by the rows of its types once the registry has said them', () => {
  const about = { holder: { kind: 'organisation', ura: '00000659' }, expression: 'Parameters.parameter[2]' } as const;
  const requesters = [{ kind: 'category', code: 'RPZAC005' }] as const;
  expect(refusalOf(() => requireQuestions(catalogue, { ...about, requesters }, ['HA']))).toBeUndefined();
  expect(refusalOf(() => requireQuestions(catalogue, { ...about, requesters }, []))?.codes).toEqual([
    'cell-without-question',
  ]);
  expect(refusalOf(() => requireQuestions(catalogue, { ...about, requesters: 'row' }, []))).toBeUndefined();
});

it('is never answered by anything but a Problem, whatever comes in', () => {
  const names = ['patient', 'option', 'answer', 'holderCategory', 'requester', 'decision'];
  fc.assert(
    fc.property(fc.oneof(fc.anything(), parametersLike(names)), (value) => {
      try {
        readChoose(catalogue, value);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
    }),
  );
});
