import { readEndEmergency, readGrantEmergency } from '../../src/fhir/grant-parameters.ts';
import { refusalOf } from './problem-of.ts';

const URA = 'http://fhir.nl/fhir/NamingSystem/ura';
const PATIENT = { name: 'patient', valueIdentifier: { value: '900186021' } };
const AGREED = { name: 'patientAgreed', valueCode: 'agreed' };
const REASON = { name: 'reason', valueString: 'Chest pain' };
const holder = (value: string) => ({ name: 'holder', valueIdentifier: { system: URA, value } });
const reason = (valueString: unknown) => ({ name: 'reason', valueString });
const read = (...parameter: unknown[]) => readGrantEmergency({ resourceType: 'Parameters', parameter });
const end = (valueReference: unknown) =>
  readEndEmergency({ resourceType: 'Parameters', parameter: [{ name: 'consent', valueReference }] });

describe('the input of $grant-emergency', () => {
  it('may be for all holders', () => {
    expect(read(PATIENT, AGREED, REASON)).toEqual({
      bsn: '900186021',
      holders: [],
      patientAgreed: 'agreed',
      agreedExpression: 'Parameters.parameter[1]',
      reason: 'Chest pain',
    });
  });

  it('may name holders, of which each counts once', () => {
    const { holders } = read(PATIENT, holder('00000659'), holder('00014332'), holder('00000659'), AGREED, REASON);
    expect(holders.map(({ ura }) => ura)).toEqual(['00000659', '00014332']);
  });

  it.each([
    ['that the patient could not be asked', [PATIENT, { ...AGREED, valueCode: 'unable' }, REASON]],
    ['a reason of 1000 characters', [PATIENT, AGREED, reason('x'.repeat(1000))]],
    ['a reason with numbers that are nobody’s', [PATIENT, AGREED, reason('123456789 and 90018602 and 9001860211')]],
  ])('may hold %s', (_, parameter) => {
    expect(read(...parameter).bsn).toBe('900186021');
  });

  it.each([
    ['no patient', [AGREED, REASON], 'malformed', 'parameter-missing', 'Parameters'],
    ['no word about agreement', [PATIENT, REASON], 'malformed', 'parameter-missing', 'Parameters'],
    ['no reason', [PATIENT, AGREED], 'invalid', 'reason-required', 'Parameters'],
    ['two reasons', [PATIENT, AGREED, REASON, REASON], 'malformed', 'parameter-repeated', 'Parameters.parameter[3]'],
    [
      'a blank reason',
      [PATIENT, AGREED, reason(' \n ')],
      'malformed',
      'value-malformed',
      'Parameters.parameter[2].valueString',
    ],
    [
      'a reason of 1001 characters',
      [PATIENT, AGREED, reason('x'.repeat(1001))],
      'invalid',
      'reason-too-long',
      'Parameters.parameter[2].valueString',
    ],
    [
      'a BSN in the reason',
      [PATIENT, AGREED, reason('the son of 900203638')],
      'invalid',
      'reason-with-bsn',
      'Parameters.parameter[2].valueString',
    ],
    [
      'another word about agreement',
      [PATIENT, { ...AGREED, valueCode: 'nodded' }, REASON],
      'invalid',
      'unknown-agreement',
      'Parameters.parameter[1].valueCode',
    ],
    [
      'a holder of seven digits',
      [PATIENT, holder('0000659'), AGREED, REASON],
      'malformed',
      'ura-invalid',
      'Parameters.parameter[1].valueIdentifier.value',
    ],
    [
      'a period',
      [PATIENT, AGREED, REASON, { name: 'period', valueString: 'a week' }],
      'malformed',
      'parameter-unknown',
      'Parameters.parameter[3]',
    ],
  ])('may not hold %s', (_, parameter, kind, code, expression) => {
    expect(refusalOf(() => read(...parameter))).toMatchObject({ kind, codes: [code], expressions: [expression] });
  });
});

describe('the input of $end-emergency', () => {
  it.each([{ reference: 'Consent/a-1.b' }, { reference: 'Consent/a-1.b', type: 'Consent' }])('may be %j', (value) => {
    expect(end(value)).toBe('a-1.b');
  });

  it.each([
    ['Patient/a', 'consent-address'],
    ['Consent/a/_history/1', 'consent-address'],
    ['https://other.example/fhir/Consent/a', 'consent-address'],
    ['Consent/', 'consent-address'],
    ['', 'value-malformed'],
  ])('may not be %s', (reference, code) => {
    expect(refusalOf(() => end({ reference }))).toMatchObject({ kind: 'malformed', codes: [code] });
  });

  it.each([
    [{ identifier: { value: 'a' } }, 'value-malformed'],
    [{ reference: 'Consent/a', display: 'a' }, 'value-malformed'],
    [{ reference: 'Consent/a', type: 'Patient' }, 'consent-address'],
    ['Consent/a', 'value-malformed'],
  ])('may not be %j', (value, code) => {
    expect(refusalOf(() => end(value))?.codes).toEqual([code]);
  });
});
