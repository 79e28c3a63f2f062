// The R4 definitions that our resources stand on, by file name in HL7's package (CC0).
const PRIMITIVES =
  'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time ' +
  'unsignedInt uri url uuid xhtml';
const DATA_TYPES =
  'Address Age Annotation Attachment BackboneElement CodeableConcept Coding ContactDetail ContactPoint Contributor Count ' +
  'DataRequirement Distance Dosage Duration Element Expression Extension HumanName Identifier Meta Money Narrative ' +
  'ParameterDefinition Period Quantity Range Ratio Reference RelatedArtifact SampledData Signature SimpleQuantity Timing ' +
  'TriggerDefinition UsageContext';
const RESOURCES =
  'AuditEvent Bundle Consent DomainResource OperationOutcome Organization Parameters Patient Provenance Resource ' +
  'Subscription';
/** Value sets of the required bindings in these definitions whose codes have a code system of the same name. */
const VALUE_SETS =
  'address-type address-use administrative-gender audit-event-action audit-event-outcome bundle-type ' +
  'consent-data-meaning consent-provision-type consent-state-codes contact-point-system contact-point-use ' +
  'contributor-type days-of-week event-timing http-verb identifier-use issue-severity issue-type link-type name-use ' +
  'narrative-status network-type operation-parameter-use provenance-entity-role quantity-comparator ' +
  'related-artifact-type search-entry-mode sort-direction subscription-channel-type subscription-status ' +
  'trigger-type';
/** Value sets made of grammars, listed codes or other systems. */
const OTHER_VALUE_SETS = 'all-types mimetypes units-of-time';
const OTHER_CODE_SYSTEMS = 'abstract-types data-types resource-types';

const named = (kind, names) => names.split(' ').map((name) => `${kind}-${name}.json`);

export const R4_DEFINITIONS = [
  ...named('StructureDefinition', `${PRIMITIVES} ${DATA_TYPES} ${RESOURCES}`),
  ...named('ValueSet', `${VALUE_SETS} ${OTHER_VALUE_SETS}`),
  ...named('CodeSystem', `${VALUE_SETS} ${OTHER_CODE_SYSTEMS}`),
].sort();
