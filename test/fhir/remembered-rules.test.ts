import fc from 'fast-check';
import { validate } from '../../src/fhir/validate.ts';
import { ABOUT_CONSENT } from './consent-changes.ts';
import { ownConformance } from './conformance-of-profiles.ts';
import { categoricalConsent, emergencyConsent, individualConsent } from './instances.ts';
import { TO_ANSWERS, TO_GRANT } from './provision-changes.ts';
import { changed } from './refused-changes.ts';

const [used, fresh] = [ownConformance(), ownConformance()];
const consents = [categoricalConsent(), individualConsent(), emergencyConsent()];

/** Any of our Consents, changed as any of the refused ones is, where that can be done to it. */
const anyConsent = fc
  .record({
    consent: fc.constantFrom(...consents),
    change: fc.constantFrom(...ABOUT_CONSENT, ...TO_ANSWERS, ...TO_GRANT),
  })
  .map(({ consent, change }) => changed(consent, change.patch));

describe('a rule that remembers', () => {
  it('says what it would say the first time, whatever came before', () => {
    const before = fc.array(anyConsent, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(before, anyConsent, (earlier, consent) => {
        for (const one of earlier) validate(used, 'Consent', one);
        expect(validate(used, 'Consent', consent)).toEqual(validate(fresh, 'Consent', consent));
      }),
      { numRuns: 150 },
    );
  });

  it('tells apart what looks the same in another resource', () => {
    const grant = emergencyConsent();
    const alike = { ...categoricalConsent(), category: grant.category, provision: grant.provision };
    const codes = (consent: unknown) => validate(used, 'Consent', consent).map(({ code }) => code);
    for (let round = 0; round < 3; round += 1) {
      expect(codes(grant)).toEqual([]);
      expect(codes(alike)).toContain('akk-con-15');
    }
  });
});
