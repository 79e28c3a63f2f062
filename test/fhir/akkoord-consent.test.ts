import type { Consent } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { ownConformance } from './conformance-of-profiles.ts';
import { ABOUT_CONSENT } from './consent-changes.ts';
import { categoricalConsent, emergencyConsent, individualConsent } from './instances.ts';
import { TO_ANSWERS, TO_GRANT } from './provision-changes.ts';
import { changed } from './refused-changes.ts';
import type { Change } from './refused-changes.ts';

const conformance = ownConformance();
const URL = 'https://akkoord.example/fhir/StructureDefinition';

const issuesOf = (consent: unknown): string[] =>
  validate(conformance, 'Consent', consent).map(({ code, expression }) => `${code} ${expression ?? ''}`);

/** The nearest things that are accepted: every rule above has its other side here. */
const ACCEPTED: readonly [rule: string, consent: Consent, path: string, value: unknown][] = [
  ...(['proposed', 'active', 'rejected', 'inactive', 'entered-in-error'] as const).map(
    (status): [string, Consent, string, unknown] => [`the status ${status}`, categoricalConsent(), '/status', status],
  ),
  ...['portal', 'together', 'button', 'migration'].map((origin): [string, Consent, string, unknown] => [
    `the origin ${origin}`,
    categoricalConsent(),
    '/extension/0/valueCode',
    origin,
  ]),
  ...['GGC002', 'GGC012', 'GGC013'].map((code): [string, Consent, string, unknown] => [
    `the category ${code}`,
    categoricalConsent(),
    '/category/0/coding/0/code',
    code,
  ]),
  ['a patient by reference', categoricalConsent(), '/patient', { reference: 'Patient/a' }],
  ['a related person who gave it', categoricalConsent(), '/performer', [{ reference: 'RelatedPerson/a' }]],
  ['a recorder by reference', categoricalConsent(), '/organization', [{ reference: 'Organization/a' }]],
  ['a date as moment', categoricalConsent(), '/dateTime', '2026-02-28'],
  ['our profile by name', categoricalConsent(), '/meta', { profile: [`${URL}/akkoord-consent`] }],
  ['our profile by name and version', categoricalConsent(), '/meta', { profile: [`${URL}/akkoord-consent|1.0.0`] }],
  [
    'a confirmation',
    categoricalConsent(),
    '/verification',
    [{ verified: true, verifiedWith: { reference: 'Patient/b' }, verificationDate: '2026-03-02' }],
  ],
  ['no answers yet', categoricalConsent(), '/provision/provision', undefined],
  ['a holder by reference', individualConsent(), '/provision/actor/0/reference', { reference: 'Organization/a' }],
  ['a display of a code', categoricalConsent(), '/category/0/coding/0/display', 'Behandelgegevens'],
  ['a grant of a patient unable to answer', emergencyConsent(), '/extension/2/valueCode', 'unable'],
  ['a grant for a reason of 1000 characters', emergencyConsent(), '/extension/3/valueString', 'x'.repeat(1000)],
  ['a grant as holders are shown it, without the reason', emergencyConsent(), '/extension/3', undefined],
  ['a grant for all holders', emergencyConsent(), '/provision/actor', undefined],
  ['a grant in another zone', emergencyConsent(), '/provision/period/end', '2026-03-04T11:00:00+01:00'],
];

describe('the Consent profile', () => {
  it.each([
    ['categorical answers', categoricalConsent()],
    ['individual answers', individualConsent()],
    ['an emergency grant', emergencyConsent()],
  ])('accepts %s', (_, consent) => expect(issuesOf(consent)).toEqual([]));

  it.each(ACCEPTED)('accepts %s', (_, consent, path, value) => {
    const operation = value === undefined ? { op: 'remove', path } : { op: 'add', path, value };
    expect(issuesOf(changed(consent, [operation as Change['patch'][number]]))).toEqual([]);
  });

  it.each([...ABOUT_CONSENT, ...TO_ANSWERS])('refuses $rule', ({ patch, refused }) => {
    expect(issuesOf(changed(categoricalConsent(), patch))).toEqual(refused);
  });

  it.each(TO_GRANT)('refuses a grant with $rule', ({ patch, refused }) => {
    expect(issuesOf(changed(emergencyConsent(), patch))).toEqual(refused);
  });
});
