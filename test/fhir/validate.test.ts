import fc from 'fast-check';
import { readResource, validate } from '../../src/fhir/validate.ts';
import { ownConformance } from './conformance-of-profiles.ts';
import { categoricalConsent, patient } from './instances.ts';
import { refusalOf } from './problem-of.ts';

const conformance = ownConformance();
const TYPES = ['Consent', 'Patient', 'Organization', 'AuditEvent'] as const;

function nested(depth: number): unknown {
  return Array.from({ length: depth }).reduce((inner) => ({ provision: [inner] }), {});
}

describe('validate', () => {
  it.each([
    ['nothing', undefined],
    ['a list', [categoricalConsent()]],
    ['a word', 'Consent'],
    ['no type', { ...categoricalConsent(), resourceType: undefined }],
    ['another type', patient()],
  ])('refuses %s as a Consent', (_, value) => {
    expect(validate(conformance, 'Consent', value).map(({ code }) => code)).toEqual(['resource-type']);
  });

  it('refuses a type without a profile', () => {
    expect(validate(conformance, 'Observation', { resourceType: 'Observation' })[0]?.code).toBe('resource-type');
  });

  it('refuses five thousand levels, and remains standing', () => {
    const consent = { ...categoricalConsent(), provision: nested(5000) };
    expect(validate(conformance, 'Consent', consent).map(({ code }) => code)).toEqual(['json-depth']);
  });

  it('looks at nothing that holds more values than anyone needs', () => {
    const place = { reference: { identifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00000659' } } };
    const withRequesters = (length: number) => ({
      ...categoricalConsent(),
      provision: { type: 'deny', provision: [{ type: 'permit', actor: Array.from({ length }, () => place) }] },
    });
    const codesOf = (length: number) =>
      validate(conformance, 'Consent', withRequesters(length)).map(({ code }) => code);
    expect(codesOf(3000)).toEqual(['resource-too-large']);
    expect(codesOf(50)).not.toContain('resource-too-large');
  });

  it('does not touch what it looks at', () => {
    const consent = categoricalConsent();
    validate(conformance, 'Consent', consent);
    expect(consent).toEqual(categoricalConsent());
  });

  it('gives the same answer every time', () => {
    const answers = [1, 2, 3].map(() => validate(conformance, 'Consent', { ...categoricalConsent(), status: 'x' }));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TYPES), fc.oneof(fc.anything(), fc.object()), (type, value) => {
        validate(conformance, type, value);
        validate(conformance, type, { ...(value as object | null), resourceType: type });
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, and repeats no value, whatever stands in one element', () => {
    const consent = { ...categoricalConsent(), ...patient(), resourceType: 'Consent' };
    const marked = fc.jsonValue().map((value) => (typeof value === 'string' ? `zyxw${value}` : value));
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(consent), 'meta', 'text', 'verification'), marked, (key, value) => {
        const issues = validate(conformance, 'Consent', {
          ...categoricalConsent(),
          resourceType: 'Consent',
          [key]: value,
        });
        expect(issues.every(({ expression }) => expression?.startsWith('Consent'))).toBe(true);
        expect(JSON.stringify(issues)).not.toContain('zyxw');
      }),
      { numRuns: 500 },
    );
  });
});

describe('readResource', () => {
  it('gives the resource it was given', () => {
    const consent = categoricalConsent();
    expect(readResource(conformance, 'Consent', consent)).toBe(consent);
  });

  it.each([
    ['a list', []],
    ['another type', patient()],
    ['no type', {}],
  ])('refuses %s as malformed', (_, value) => {
    const refusal = refusalOf(() => readResource(conformance, 'Consent', value));
    expect(refusal).toEqual({ kind: 'malformed', codes: ['resource-type'], expressions: ['Consent'] });
  });

  it('tells every issue of what our profile refuses', () => {
    const refusal = refusalOf(() =>
      readResource(conformance, 'Consent', { ...categoricalConsent(), status: 'x', language: 'nl' }),
    );
    expect(refusal).toEqual({
      kind: 'invalid',
      codes: ['element-forbidden', 'code-unknown'],
      expressions: ['Consent.language', 'Consent.status'],
    });
  });

  it('tells at most fifty', () => {
    const category = Array.from({ length: 1 }, () => ({ coding: Array.from({ length: 1 }, () => ({})) }));
    const performer = Array.from({ length: 60 }, () => ({ reference: 'Group/a' }));
    const refusal = refusalOf(() =>
      readResource(conformance, 'Consent', { ...categoricalConsent(), category, performer }),
    );
    expect(refusal?.codes).toHaveLength(50);
  });
});
