import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import {
  type ProposedAnswer,
  readConfirm,
  readPairingCodeRequest,
  readReview,
  writeConfirm,
  writePairingCode,
  writeReview,
} from '../../src/fhir/family-parameters.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const CODE = { name: 'code', valueString: 'abcd 2345' };
const decision = (valueCode: string) => ({ name: 'decision', valueCode });
const parameters = (...parameter: unknown[]) => ({ resourceType: 'Parameters', parameter });
const answer = (
  holder: string,
  requester: string,
  given: ProposedAnswer['decision'],
  isNew = true,
): ProposedAnswer => ({
  holderPlace: { kind: 'category', code: holder },
  requesterPlace: { kind: 'category', code: requester },
  decision: given,
  isNew,
});

describe('the input of $confirm', () => {
  it.each(['confirm', 'reject'])('is a code as it was written and a decision: %s', (word) => {
    expect(readConfirm(parameters(CODE, decision(word)))).toEqual({ code: 'abcd 2345', decision: word });
  });

  it.each([
    ['no code', [decision('confirm')], 'malformed', 'parameter-missing', 'Parameters'],
    ['no decision', [CODE], 'malformed', 'parameter-missing', 'Parameters'],
    ['two codes', [CODE, CODE, decision('confirm')], 'malformed', 'parameter-repeated', 'Parameters.parameter[1]'],
    ['another decision', [CODE, decision('maybe')], 'invalid', 'unknown-decision', 'Parameters.parameter[1].valueCode'],
  ])('is refused with %s', (_what, parameter, kind, code, expression) => {
    expect(refusalOf(() => readConfirm(parameters(...parameter)))).toEqual({
      kind,
      codes: [code],
      expressions: [expression],
    });
  });
});

describe('the input of $review', () => {
  it('is a code as it was written', () => {
    expect(readReview(parameters(CODE))).toBe('abcd 2345');
  });

  it('is nothing else', () => {
    expect(refusalOf(() => readReview(parameters(CODE, decision('confirm'))))).toMatchObject({
      codes: ['parameter-unknown'],
    });
  });
});

describe('the input of $pairing-code', () => {
  it('is nothing', () => {
    expect(() => readPairingCodeRequest({ resourceType: 'Parameters' })).not.toThrow();
    expect(refusalOf(() => readPairingCodeRequest(parameters(CODE)))).toMatchObject({ codes: ['parameter-unknown'] });
  });
});

describe('what is answered', () => {
  const answers = [
    answer('APO', 'RPZAC001', 'deny', false),
    answer('HA', 'RPZAC005', 'permit'),
    answer('HA', 'RPZAC001', 'permit'),
  ];

  it('counts the answers that wait, and shows none of them with the code', () => {
    const expires = Date.parse('2026-03-01T10:15:00Z');
    expect(writePairingCode({ code: 'ABCD2345', expires, answers }).parameter).toEqual([
      { name: 'code', valueString: 'ABCD2345' },
      { name: 'expires', valueInstant: '2026-03-01T10:15:00.000Z' },
      { name: 'summary', valueString: 'Answers that wait: 3 (yes: 2, no: 1)' },
    ]);
  });

  it('shows them to a parent in catalogue order, with the decision when there is one', () => {
    const review = writeReview(catalogue, answers).parameter ?? [];
    const holders = review.map(({ part = [] }) => part.slice(0, 2).map((one) => one.valueIdentifier?.value));
    expect(holders).toEqual([
      ['HA', 'RPZAC001'],
      ['HA', 'RPZAC005'],
      ['APO', 'RPZAC001'],
    ]);
    expect(review[2]?.part?.slice(2)).toEqual([
      { name: 'decision', valueCode: 'deny' },
      { name: 'new', valueBoolean: false },
    ]);
    const confirmed = writeConfirm(catalogue, { code: 'ABCD2345', decision: 'reject' }, answers).parameter;
    expect(confirmed).toEqual([{ name: 'decision', valueCode: 'reject' }, ...review]);
  });
});
