import type { Consent } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { LONGEST_GRANT } from '../decision/emergency.ts';
import type { PlaceText, StoredRule } from '../decision/stored-rule.ts';
import { placeText } from '../decision/stored-rule.ts';
import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Organizations, StandingActor } from './consent-place.ts';
import { actorsOf, dataCategoryIn, holderOrganization, namedPlace, requesterPlace } from './consent-place.ts';
import { readInstant } from './date-range.ts';
import { URA_SYSTEM } from './identifiers.ts';

/** Whether the patient agreed to an emergency grant: `agreed` or `unable`. */
export const PATIENT_AGREED_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/patient-agreed';
/** Why an emergency grant was recorded, in the recorder's words. */
export const GRANT_REASON_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/grant-reason';

/** The rule of an emergency grant (rule 11). @throws Problem `invalid` naming the element that the engine would not honour. */
export function grantRuleOf(catalogue: Catalogue, consent: Consent, organizations: Organizations): StoredRule {
  if (consent.status !== 'active')
    throw refuse('grant-pending', 'An emergency grant waits for nobody.', 'Consent.status');
  const category = dataCategoryIn(consent);
  if (!catalogue.dataCategories.has(category)) {
    throw refuse('unknown-data-category', 'Not a data category in the catalogue.', 'Consent.category');
  }
  return {
    v: 1,
    holder: holdersOf(consent, organizations),
    category,
    authority: 'citizen',
    pending: false,
    answers: [[granteeOf(catalogue, consent, organizations), 'permit']],
    grant: { ...termOf(consent), agreed: hasAgreed(consent) },
  };
}

/** The rule of a grant that is not in force (any more): no answers. */
export function endedGrantRuleOf(consent: Consent, organizations: Organizations): StoredRule {
  return {
    v: 1,
    holder: placeText(namedPlace(organizations, onlyGrantee(consent))),
    category: dataCategoryIn(consent),
    authority: 'citizen',
    pending: false,
    answers: [],
  };
}

/** The holder places of any grant, ended ones and those of holders that have left included. Never throws. */
export function holdersNamedIn(consent: Consent, organizations: Organizations): readonly ('all' | PlaceText)[] {
  const actors = consent.provision?.actor ?? [];
  if (actors.length === 0) return ['all'];
  return actors.flatMap(({ reference: { reference, identifier } }) => {
    const number = identifier?.system === URA_SYSTEM ? identifier.value : undefined;
    const ura = number ?? organizations.get(reference ?? '')?.ura;
    return ura === undefined ? [] : [placeText({ kind: 'organisation', ura })];
  });
}

/** No holder named means every holder of the patient. */
function holdersOf(consent: Consent, organizations: Organizations): StoredRule['holder'] {
  const holders = actorsOf(consent.provision?.actor, 'CST', 'Consent.provision');
  if (holders.length === 0) return 'all';
  const uras = holders.map((holder) => holderOrganization(organizations, holder).ura);
  return [...new Set(uras)].map((ura) => placeText({ kind: 'organisation', ura }));
}

function granteeOf(catalogue: Catalogue, consent: Consent, organizations: Organizations) {
  const grantee = onlyGrantee(consent);
  const place = requesterPlace(catalogue, organizations, grantee);
  if (place.kind === 'organisation') return placeText(place);
  throw refuse('grant-requester', 'A grant is bound to an organisation.', grantee.expression);
}

function onlyGrantee(consent: Consent): StandingActor {
  const [nested, ...others] = consent.provision?.provision ?? [];
  const expression = 'Consent.provision.provision[0]';
  const [requester, ...more] = actorsOf(nested?.actor, 'IRCP', expression);
  if (nested?.type === 'permit' && requester !== undefined && others.length + more.length === 0) return requester;
  throw refuse('grant-requester', 'A grant permits exactly one requester.', 'Consent.provision.provision');
}

function termOf(consent: Consent): { readonly start: number; readonly end: number } {
  const start = readInstant(consent.provision?.period?.start ?? '');
  const end = readInstant(consent.provision?.period?.end ?? '');
  if (start !== undefined && end !== undefined && end - start === LONGEST_GRANT) return { start, end };
  throw refuse('grant-period', 'A grant lasts exactly 259,200 seconds.', 'Consent.provision.period');
}

function hasAgreed(consent: Consent): boolean {
  return consent.extension?.find(({ url }) => url === PATIENT_AGREED_EXTENSION)?.valueCode === 'agreed';
}

function refuse(code: string, text: string, expression: string): Problem {
  return problem('invalid', code, text, expression);
}
