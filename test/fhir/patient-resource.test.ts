import type { Patient } from '@medplum/fhirtypes';
import { languageOf, mailAddressOf } from '../../src/fhir/patient-resource.ts';

type Spoken = readonly [code: string, preferred?: boolean];

function reading(...languages: readonly Spoken[]): Patient {
  const communication = languages.map(([code, preferred]) => ({
    language: { coding: [{ code }] },
    ...(preferred === undefined ? {} : { preferred }),
  }));
  return { resourceType: 'Patient', communication };
}

describe('a citizen is written to', () => {
  it.each<{ readonly language: string; readonly who: string; readonly languages: readonly Spoken[] }>([
    { language: 'nl', who: 'who says nothing', languages: [] },
    { language: 'en', who: 'who reads English', languages: [['en']] },
    { language: 'en', who: 'who reads British English', languages: [['en-GB']] },
    { language: 'en', who: 'who writes the code in capitals', languages: [['EN']] },
    { language: 'nl', who: 'who reads Dutch, then English', languages: [['nl'], ['en']] },
    { language: 'en', who: 'who reads both and prefers English', languages: [['nl'], ['en', true]] },
    { language: 'nl', who: 'who reads both and does not prefer English', languages: [['nl'], ['en', false]] },
    { language: 'en', who: 'who prefers what we do not write, and reads English', languages: [['fr', true], ['en']] },
    { language: 'nl', who: 'who reads only what we do not write', languages: [['fr'], ['enm']] },
  ])('in $language $who', ({ language, languages }) => {
    expect(languageOf(reading(...languages))).toBe(language);
  });

  it('in Dutch whose language is a text', () => {
    expect(languageOf({ resourceType: 'Patient', communication: [{ language: { text: 'English' } }] })).toBe('nl');
  });
});

describe('mail goes', () => {
  const at = (...telecom: NonNullable<Patient['telecom']>) => mailAddressOf({ resourceType: 'Patient', telecom });

  it('to the first e-mail address', () => {
    const phone = { system: 'phone', value: '+31 6 00000000' } as const;
    const empty = { system: 'email', use: 'old' } as const;
    const [one, two] = ['one@example.org', 'two@example.org'].map((value) => ({ system: 'email', value }) as const);
    expect(at(phone, empty, one ?? empty, two ?? empty)).toBe('one@example.org');
  });

  it('nowhere without one', () => {
    expect(mailAddressOf({ resourceType: 'Patient' })).toBeUndefined();
    expect(at({ system: 'phone', value: 'one@example.org' })).toBeUndefined();
  });

  it.each(["o'neill+x@example.org", 'a.b-c_d@sub.example.org', `one@${'a'.repeat(63)}.example.org`])(
    'to what can be an address: %s',
    (value) => {
      expect(at({ system: 'email', value })).toBe(value);
    },
  );
});
