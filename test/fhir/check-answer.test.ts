import type { ParametersParameter } from '@medplum/fhirtypes';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import type { Decision } from '../../src/decision/decision.ts';
import { writeCheck } from '../../src/fhir/check-answer.ts';
import type { CheckResult, CheckTelling } from '../../src/fhir/check-answer.ts';
import { readCheck } from '../../src/fhir/check-parameters.ts';
import { problem } from '../../src/problem.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const QUESTION = [
  { name: 'patient', valueIdentifier: { value: '900186021' } },
  { name: 'holder', valueIdentifier: { value: '00000659' } },
  { name: 'requester', valueIdentifier: { value: '00014332' } },
];
const category = (code: string) => ({ name: 'dataCategory', valueCoding: { code } });
const detail = (valueCode: string) => ({ name: 'detail', valueCode });
const request = (...part: unknown[]) => ({ name: 'request', part: [...QUESTION, ...part] });
const callOf = (...parameter: unknown[]) => readCheck(catalogue, { resourceType: 'Parameters', parameter });

const EVALUATED = Date.UTC(2026, 10, 22, 12);
const TELLING: CheckTelling = {
  reasons: true,
  outcomeOf: ({ issues }) => ({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'invalid', details: { coding: [{ code: issues[0].code }] } }],
  }),
};

function decision(dataCategory = 'GGC002', nextChangeAt?: number): Decision {
  return {
    decision: 'permit',
    reason: 'consent-given',
    dataCategory,
    basedOn: ['Consent/a/_history/1', 'Consent/b/_history/3'],
    catalogueVersion: '3960100',
    ...(nextChangeAt !== undefined && { nextChangeAt }),
  };
}
const answered = (...decisions: Decision[]): CheckResult => ({
  decisions: decisions.map((one, at) => ({ decisionId: `id-${at}`, evaluatedAt: EVALUATED, decision: one })),
});
const names = (parameters: readonly ParametersParameter[] | undefined) => parameters?.map(({ name }) => name);

describe('the output of $check', () => {
  it('says decision, reason, grounds and the id of the record', () => {
    const output = writeCheck(callOf(...QUESTION), [answered(decision('GGC002', EVALUATED + 1))], TELLING);
    expect(output).toEqual({
      resourceType: 'Parameters',
      parameter: [
        { name: 'decision', valueCode: 'permit' },
        {
          name: 'reason',
          valueCoding: {
            system: 'https://akkoord.example/fhir/CodeSystem/decision-reason',
            code: 'consent-given',
            display: 'Consent given',
          },
        },
        { name: 'basedOn', valueReference: { reference: 'Consent/a/_history/1' } },
        { name: 'basedOn', valueReference: { reference: 'Consent/b/_history/3' } },
        { name: 'catalogueVersion', valueString: '3960100' },
        { name: 'evaluatedAt', valueInstant: '2026-11-22T12:00:00.000Z' },
        { name: 'nextChangeAt', valueInstant: '2026-11-22T12:00:00.001Z' },
        { name: 'decisionId', valueUri: 'urn:uuid:id-0' },
      ],
    });
  });

  it('leaves the grounds out when only the basics are asked', () => {
    const output = writeCheck(callOf(...QUESTION, detail('basic')), [answered(decision())], TELLING);
    expect(names(output.parameter)).toEqual(['decision', 'reason', 'catalogueVersion', 'evaluatedAt', 'decisionId']);
  });

  it('tells a caller that may not know why no more than permit or deny', () => {
    const telling = { ...TELLING, reasons: false };
    const output = writeCheck(callOf(...QUESTION), [answered(decision('GGC002', EVALUATED + 1))], telling);
    expect(names(output.parameter)).toEqual(['decision', 'catalogueVersion', 'evaluatedAt', 'decisionId']);
  });

  it('has a result for each of several data categories, whatever the order of the answers', () => {
    const call = callOf(...QUESTION, category('GGC013'), category('GGC002'));
    const output = writeCheck(call, [answered(decision('GGC002'), decision('GGC013'))], TELLING);
    expect(names(output.parameter)).toEqual(['result', 'result']);
    const said = output.parameter?.map(({ part }) => [part?.[0]?.valueCoding?.code, part?.at(-1)?.valueUri]);
    expect(said).toEqual([
      ['GGC013', 'urn:uuid:id-1'],
      ['GGC002', 'urn:uuid:id-0'],
    ]);
  });

  it('has a result for each request of a batch, in order; a broken one denies and says why', () => {
    const call = callOf(
      request(),
      request(category('GGC999')),
      request(),
      request(category('GGC002'), category('GGC013')),
    );
    const results = [
      answered(decision()),
      { problem: problem('invalid', 'unread', '') },
      { problem: problem('forbidden', 'not-yours', '') },
      answered(decision('GGC013'), decision('GGC002')),
    ];
    const { parameter } = writeCheck(call, results, TELLING);
    expect(parameter?.map(({ part }) => names(part))).toMatchObject([
      ['decision', 'reason', 'basedOn', 'basedOn', 'catalogueVersion', 'evaluatedAt', 'decisionId'],
      ['decision', 'outcome'],
      ['decision', 'outcome'],
      ['result', 'result'],
    ]);
    const outcomes = parameter?.slice(1, 3).map(({ part }) => [part?.[0]?.valueCode, part?.[1]?.resource]);
    expect(outcomes).toMatchObject([
      ['deny', { issue: [{ details: { coding: [{ code: 'unknown-data-category' }] } }] }],
      ['deny', { issue: [{ details: { coding: [{ code: 'not-yours' }] } }] }],
    ]);
  });

  it('is the problem itself when a single question could not be asked', () => {
    const results = [{ problem: problem('forbidden', 'not-yours', '') }];
    expect(refusalOf(() => writeCheck(callOf(...QUESTION), results, TELLING))).toMatchObject({ kind: 'forbidden' });
  });

  it.each([
    ['a result', callOf(...QUESTION), []],
    ['an answer', callOf(...QUESTION), [answered()]],
    ['the answer for a data category', callOf(...QUESTION, category('GGC013')), [answered(decision('GGC002'))]],
  ])('is never made up when %s is missing', (_, call, results) => {
    expect(() => writeCheck(call, results, TELLING)).toThrow(Error);
  });
});
