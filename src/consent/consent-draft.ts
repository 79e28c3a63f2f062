import type { Consent } from '@medplum/fhirtypes';
import { placeText, type StoredRule } from '../decision/stored-rule.ts';
import { organizationsNamedIn, type RegisteredOrganization, withUras } from '../fhir/consent-place.ts';
import { CONSENT_PROFILE, isGrant } from '../fhir/consent-resource.ts';
import { isInForce, requireFewAnswers, ruleOf } from '../fhir/consent-rule.ts';
import { holdersNamedIn } from '../fhir/grant-rule.ts';
import type { Conformance } from '../fhir/conformance.ts';
import { searchValues, type SearchValues } from '../fhir/search-values.ts';
import { type ConsentRow, insertConsent, updateConsent } from '../storage/consent.ts';
import { findOrganizations, ORGANIZATION } from '../storage/organization.ts';
import { readResources } from '../storage/versioned.ts';
import type { Unit } from './unit.ts';
import type { Prepared } from './resource-kind.ts';
import { withoutMeta } from './stored.ts';

/** Search values by which a holder finds the consents that speak of it; no search parameter of this name exists. */
export const HOLDER_PLACES = 'holder-places';

const LITERAL = 'Organization/';

/** A Consent ready to be written, with its rule, also when it does not count. */
export interface ConsentDraft extends Prepared<ConsentRow> {
  readonly rule: StoredRule;
}

/**
 * What is stored of a Consent: the resource, the rule the decision reads, and the places by which holders find it.
 * @param known the rule the Consent was made from, when it was: what was recorded once is not judged again by a registry and
 *   a catalogue that may have changed since
 * @throws Problem invalid naming the element the decision would not honour
 */
export async function draftConsent(
  unit: Unit,
  consent: Consent,
  patientKey: Buffer,
  known?: StoredRule,
): Promise<ConsentDraft> {
  const { catalogue, conformance } = unit.register;
  const organizations = await organizationsOf(unit, [consent]);
  const rule = known ?? ruleOf(catalogue, consent, organizations);
  requireFewAnswers(rule.answers);
  const holders = isGrant(consent) ? holdersNamedIn(consent, organizations) : holderPlaces(rule);
  const standing = { status: consent.status, rule: isInForce(consent) ? rule : null };
  const content = withoutMeta(withUras(consent, organizations), CONSENT_PROFILE);
  return {
    rule,
    content,
    search: consentSearch(conformance, content, holders),
    patientKey,
    insert: (sql, version) => insertConsent(sql, { ...version, ...standing, patientKey }),
    update: (sql, version) => updateConsent(sql, { ...version, ...standing }),
  };
}

/** What a Consent is found by: its search parameters, and the places of its holders. */
export function consentSearch(conformance: Conformance, content: Consent, holders: readonly string[]): SearchValues {
  return { ...searchValues(conformance, content), [HOLDER_PLACES]: [...holders] };
}

function holderPlaces({ holder }: StoredRule): readonly string[] {
  return typeof holder === 'string' ? [holder] : holder;
}

/**
 * The registered organisations that Consents name, by URA and by literal reference; for one that is not in force the former
 * ones too, as far as it names them literally.
 */
export async function organizationsOf(
  { sql }: Pick<Unit, 'sql'>,
  consents: readonly Consent[],
): Promise<Map<string, RegisteredOrganization>> {
  const names = [...new Set(consents.flatMap(organizationsNamedIn))];
  const literal = names.filter((name) => name.startsWith(LITERAL)).map((name) => name.slice(LITERAL.length));
  const uras = names.filter((name) => !name.includes('/'));
  const rows = uras.length === 0 ? [] : await findOrganizations(sql, uras);
  const byId = literal.length === 0 ? [] : await readResources(sql, ORGANIZATION, literal);
  const standing = byId.filter(({ deleted }) => !deleted || !consents.every(isInForce));
  const known = [...rows, ...standing];
  return new Map(known.flatMap((row) => [[row.ura, row] as const, [`${LITERAL}${row.id}`, row] as const]));
}

/** The places of an organisation as a holder: itself, the categories of its types, and every holder at once. */
export function placesOf(unit: Unit, organization: RegisteredOrganization): string[] {
  const categories = organization.types.flatMap((type) => {
    const code = unit.register.catalogue.organisationTypes.get(type)?.holderCategory;
    return code === undefined ? [] : [placeText({ kind: 'category', code })];
  });
  return ['all', placeText({ kind: 'organisation', ura: organization.ura }), ...new Set(categories)];
}
