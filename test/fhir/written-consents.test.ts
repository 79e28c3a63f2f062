import fc from 'fast-check';
import type { Place } from '../../src/decision/consent-profile.ts';
import { placeText } from '../../src/decision/stored-rule.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { grantOf } from '../../src/fhir/grant-resource.ts';
import { validate } from '../../src/fhir/validate.ts';
import { ownConformance } from './conformance-of-profiles.ts';

const conformance = ownConformance();
const places = fc.oneof(
  fc.constantFrom('RPZAC001', 'RPZAC104', 'RPZAC005').map((code): Place => ({ kind: 'category', code })),
  fc.constantFrom('00014332', '90000382').map((ura): Place => ({ kind: 'organisation', ura })),
);
const answers = fc.uniqueArray(
  fc.record({ requester: places, decision: fc.constantFrom('permit' as const, 'deny' as const) }),
  { selector: ({ requester }) => placeText(requester) },
);
const content = fc.record({
  status: fc.constantFrom('proposed' as const, 'active' as const, 'inactive' as const),
  holder: fc.constantFrom<Place>({ kind: 'category', code: 'HA' }, { kind: 'organisation', ura: '00000659' }),
  answers,
  dateTime: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map(Number),
  origin: fc.constantFrom('portal' as const, 'together' as const, 'button' as const, 'migration' as const),
});

describe('a Consent that is written here', () => {
  it('is valid against the profile, whatever the answers', () => {
    fc.assert(
      fc.property(content, (one) => {
        const fixed = { id: 'c', patient: 'Patient/p', performer: 'Patient/p', category: 'GGC002' };
        const consent = consentOf({ ...fixed, ...one, catalogueVersion: '3960100', organization: 'Organization/gp' });
        expect(validate(conformance, 'Consent', consent)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('is valid as an emergency grant too, whatever its moment, holders and reason', () => {
    const granted = fc.record({
      holders: fc.uniqueArray(fc.constantFrom('00000659', '00014332', '90000382')),
      start: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }).map(Number),
      patientAgreed: fc.constantFrom('agreed' as const, 'unable' as const),
      reason: fc.stringMatching(/^[A-Za-z0-9 .,é]{0,998}x$/),
    });
    const fixed = { patient: 'Patient/p', organization: 'Organization/post', ura: '00000666', category: 'GGC002' };
    fc.assert(
      fc.property(granted, (one) => {
        const consent = grantOf({ ...fixed, ...one, catalogueVersion: '3960100' });
        expect(validate(conformance, 'Consent', consent)).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  it('is not when something is taken out of it', () => {
    const fixed = {
      id: 'c',
      patient: 'Patient/p',
      performer: 'Patient/p',
      category: 'GGC002',
      status: 'active',
    } as const;
    const holder = { kind: 'category', code: 'HA' } as const;
    const more = { holder, answers: [], dateTime: 0, origin: 'portal', catalogueVersion: '3960100' } as const;
    const consent = { ...consentOf({ ...fixed, ...more }), scope: {} };
    expect(validate(conformance, 'Consent', consent)).not.toEqual([]);
  });
});
