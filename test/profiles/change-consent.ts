import { actor, citizensConsent, emergencyGrant } from './sample-consents.ts';

/** A sentence, an instance that says it, and the rules it breaks. */
export type Refused = readonly [sentence: string, instance: object, rules: string[]];

export const consent = citizensConsent();
export const grant = emergencyGrant();
export const DC = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie';
export const extra = { extension: [{ url: 'https://example.org/other', valueString: 'x' }] };

/** The consent with some elements changed; `undefined` takes one away. */
export function consentWith(change: object): object {
  return clean({ ...consent, ...change });
}
export function provisionWith(change: object): object {
  return consentWith({ provision: { ...consent.provision, ...change } });
}
export function grantWith(change: object): object {
  return clean({ ...grant, provision: { ...grant.provision, ...change } });
}
export function answers(...provision: object[]): object {
  return provisionWith({ provision });
}
function clean(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
export const permit = (...places: object[]) => ({ type: 'permit', actor: places.map((place) => actor('IRCP', place)) });
export const HOURS_72 = { start: '2026-03-28T10:00:00+01:00', end: '2026-03-31T11:00:00+02:00' };
