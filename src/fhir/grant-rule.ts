import type { Consent } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { HOLDER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { StoredRule } from '../decision/stored-rule.ts';
import { placeText } from '../decision/stored-rule.ts';
import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Organizations } from './consent-place.ts';
import { actorsOf, dataCategoryIn, holderOrganization, requesterPlace } from './consent-place.ts';
import { readInstant } from './date-range.ts';

/** Whether the patient agreed to an emergency grant; absent means could not be asked. */
export const PATIENT_AGREED_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/patient-agreed';
/** In place of a holder category: every holder of the patient. */
export const ALL_HOLDERS = 'ALL';
/** An emergency grant lasts exactly this long: 259,200 seconds. */
const GRANT_LENGTH = 259_200_000;

/** The rule of an emergency grant. @throws Problem `invalid` naming the element that the engine would not honour. */
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

function holdersOf(consent: Consent, organizations: Organizations): StoredRule['holder'] {
  const holders = actorsOf(consent.provision?.actor, 'CST', 'Consent.provision');
  const [first] = holders;
  if (first === undefined) throw refuse('holder-missing', 'A grant names its holders.', 'Consent.provision.actor');
  const identifier = first.actor.reference.identifier;
  const isAll = identifier?.system === HOLDER_CATEGORY_SYSTEM && identifier.value === ALL_HOLDERS;
  if (isAll && holders.length === 1) return 'all';
  const uras = holders.map((holder) => holderOrganization(organizations, holder).ura);
  return [...new Set(uras)].map((ura) => placeText({ kind: 'organisation', ura }));
}

function granteeOf(catalogue: Catalogue, consent: Consent, organizations: Organizations) {
  const [nested, ...others] = consent.provision?.provision ?? [];
  const expression = 'Consent.provision.provision[0]';
  const [requester, ...more] = actorsOf(nested?.actor, 'IRCP', expression);
  if (nested?.type !== 'permit' || requester === undefined || others.length + more.length > 0) {
    throw refuse('grant-requester', 'A grant permits exactly one requester.', 'Consent.provision.provision');
  }
  const place = requesterPlace(catalogue, organizations, requester);
  if (place.kind === 'organisation') return placeText(place);
  throw refuse('grant-requester', 'A grant is bound to an organisation.', requester.expression);
}

function termOf(consent: Consent): { readonly start: number; readonly end: number } {
  const start = readInstant(consent.provision?.period?.start ?? '');
  const end = readInstant(consent.provision?.period?.end ?? '');
  if (start !== undefined && end !== undefined && end - start === GRANT_LENGTH) return { start, end };
  throw refuse('grant-period', 'A grant lasts exactly 259,200 seconds.', 'Consent.provision.period');
}

function hasAgreed(consent: Consent): boolean {
  return consent.extension?.find(({ url }) => url === PATIENT_AGREED_EXTENSION)?.valueBoolean === true;
}

function refuse(code: string, text: string, expression: string): Problem {
  return problem('invalid', code, text, expression);
}
