import { brokenRules, rulesOf } from './broken-rules.ts';
import { consent, grant, DC, consentWith, provisionWith, grantWith, HOURS_72 } from './change-consent.ts';
import { readProfile } from './read-artefacts.ts';
import { refusedConsents } from './refused-consents.ts';
import { refusedProvisions } from './refused-provisions.ts';
import { actor, bsn, catalogueVersion, origin, ura } from './sample-consents.ts';

const profile = readProfile('akkoord-consent');

const accepted: [sentence: string, instance: object][] = [
  ['answers for a holder category', consent],
  ['answers for one holder organisation', provisionWith({ actor: [actor('CST', ura('00000659'))] })],
  [
    'answers for a holder by literal reference',
    provisionWith({ actor: [actor('CST', { reference: 'Organization/a' })] }),
  ],
  ['a consent of which every answer was cleared', provisionWith({ provision: undefined })],
  [
    'a patient and performer by literal reference',
    consentWith({ patient: { reference: 'Patient/a1' }, performer: [{ reference: 'RelatedPerson/b' }] }),
  ],
  [
    'a confirmation by a parent',
    consentWith({ verification: [{ verified: true, verifiedWith: bsn('999990019'), verificationDate: '2026-03-02' }] }),
  ],
  [
    'a recording organisation',
    consentWith({ organization: [ura('00000659')], extension: [origin('button'), catalogueVersion] }),
  ],
  [
    'codes with a display',
    consentWith({ category: [{ coding: [{ system: DC, code: 'GGC002', display: 'Behandelgegevens' }] }] }),
  ],
  ['an emergency grant for all holders', grant],
  [
    'an emergency grant as holders are shown it, without the reason',
    { ...grant, extension: grant.extension.slice(0, 3) },
  ],
  [
    'an emergency grant for named holders',
    grantWith({ actor: [actor('CST', ura('00000659')), actor('CST', ura('00014332'))] }),
  ],
  ['72 hours across the start of summer time', grantWith({ period: HOURS_72 })],
];

const refused = [...refusedConsents, ...refusedProvisions];

describe('the rules of the Consent profile', () => {
  it.each(accepted)('accept %s', (_sentence, instance) => {
    expect(brokenRules(profile, instance)).toEqual([]);
  });

  it.each(refused)('refuse %s', (_sentence, instance, rules) => {
    expect(brokenRules(profile, instance)).toEqual(rules);
  });

  it('are each broken by a case above', () => {
    const keys = (rules: readonly string[]) => new Set(rules.map((rule) => rule.split(' ')[0]));
    const broken = keys(refused.flatMap(([, , rules]) => rules));
    expect(keys(rulesOf(profile).map(({ key }) => key))).toEqual(broken);
  });
});
