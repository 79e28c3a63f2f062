import { consentOf } from '../../../dist/fhir/consent-resource.js';
import { ruleOf } from '../../../dist/fhir/consent-rule.js';
import { searchValues } from '../../../dist/fhir/search-values.js';
import { validate } from '../../../dist/fhir/validate.js';
import { dataCategoryOfRow } from '../../../dist/catalogue/look-up.js';
import { HOLDER_PLACES } from '../../../dist/consent/consent-draft.js';
import { CONSENT_PROFILE } from '../../../dist/fhir/consent-resource.js';
import { withoutMeta } from '../../../dist/consent/stored.js';
import { placeText } from '../../../dist/decision/stored-rule.js';

/** Stands in a template where the id of a citizen's Patient comes. */
export const CITIZEN = '00000000-0000-4000-8000-000000000000';
/** When everybody chose. */
export const MOMENT = '2026-03-01T10:00:00Z';

const category = (code) => ({ kind: 'category', code });
const organisation = (ura) => ({ kind: 'organisation', ura });
const decide = (decision) => (requester) => ({ requester, decision });

/** Of every hundred citizens: 55 option 1, 10 option 3, 20 certain with exceptions, 10 migrated only, 5 nothing. */
const ALL = [0, 54];
const NONE = [55, 64];
const CERTAIN = [65, 84];
const MIGRATED = [85, 94];

const NOTHING = [95, 99];
const KINDS = [ALL, NONE, CERTAIN, MIGRATED, NOTHING];

const isIn = (bucket, [first, last]) => bucket >= first && bucket <= last;

/** Of whom the templates speak by name. */
export const NAMED = { gp: '00000659', pharmacy: '00014332' };
/** Stand for whom nobody asks about. */
const NOT_ASKED = { gp: '99999997', pharmacy: '99999998' };

/** Which kind this one of a hundred citizens is of, and whether the bench asks about those whom they name. */
export function kindOf(bucket, isNamedAsked) {
  return KINDS.findIndex((buckets) => isIn(bucket, buckets)) + (isNamedAsked ? 0 : KINDS.length);
}

function namingOthers(rule) {
  const text = JSON.stringify(rule).replaceAll(NAMED.gp, NOT_ASKED.gp).replaceAll(NAMED.pharmacy, NOT_ASKED.pharmacy);
  return JSON.parse(text);
}

/** The rules that a citizen of each kind has, by kind. */
export function rulesByKind(templates) {
  const rules = KINDS.map((kind) => templates.filter(({ buckets }) => buckets === kind).map(({ rule }) => rule));
  return [...rules, ...rules.map((own) => own.map(namingOthers))];
}

/** Every Consent of the mix, once: for which citizens of a hundred, and what is stored of it. */
export function consentTemplates(catalogue, conformance, organizations) {
  const row = (code, decision) =>
    catalogue.holderCategories.get(code).requesterCategories.map(category).map(decide(decision));
  const everywhere = (buckets, decision) =>
    [...catalogue.holderCategories.keys()].map((code) => [buckets, category(code), row(code, decision)]);
  const some = ['RPZAC001', 'RPZAC005', 'RPZAC104'].map(category);
  const gp = organisation(NAMED.gp);
  const drafts = [
    ...everywhere(ALL, 'permit'),
    ...everywhere(NONE, 'deny'),
    [CERTAIN, category('HA'), some.map(decide('permit'))],
    [CERTAIN, category('APO'), row('APO', 'permit')],
    [CERTAIN, category('GGZ'), row('GGZ', 'deny')],
    [CERTAIN, gp, [category('RPZAC104')].map(decide('deny'))],
    [CERTAIN, organisation(NAMED.pharmacy), [gp].map(decide('permit'))],
    [MIGRATED, gp, some.map(decide('permit')), 'migration'],
  ];
  return drafts.map((draft) => template(catalogue, conformance, organizations, draft));
}

function template(catalogue, conformance, organizations, [buckets, holder, answers, origin = 'portal']) {
  const registered = new Map(organizations.map((one) => [one.ura, one]));
  const code =
    holder.kind === 'category'
      ? holder.code
      : catalogue.organisationTypes.get(registered.get(holder.ura).types[0]).holderCategory;
  const recorder = `Organization/${registered.get(NAMED.gp).id}`;
  const consent = consentOf({
    status: 'active',
    patient: `Patient/${CITIZEN}`,
    performer: `Patient/${CITIZEN}`,
    ...(origin === 'migration' && { organization: recorder }),
    holder,
    category: dataCategoryOfRow(catalogue, code),
    answers,
    dateTime: Date.parse(MOMENT),
    origin,
    catalogueVersion: catalogue.version,
  });
  const issues = validate(conformance, 'Consent', consent);
  if (issues.length > 0) throw new Error(`a Consent of the bench is not valid: ${issues[0].text}`);
  const content = withoutMeta(consent, CONSENT_PROFILE);
  const search = { ...searchValues(conformance, content), [HOLDER_PLACES]: [placeText(holder)] };
  return { buckets, status: 'active', rule: ruleOf(catalogue, consent, registered), content, search };
}
