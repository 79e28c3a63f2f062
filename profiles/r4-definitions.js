// The R4 definitions that our resources stand on, by file name in HL7's package (CC0).
const PRIMITIVES =
  'base64Binary boolean canonical code date dateTime decimal id instant integer markdown oid positiveInt string time ' +
  'unsignedInt uri url uuid xhtml';
const DATA_TYPES =
  'Address Age Annotation Attachment BackboneElement CodeableConcept Coding ContactDetail ContactPoint Contributor Count ' +
  'DataRequirement Distance Dosage Duration Element Expression Extension HumanName Identifier Meta Money Narrative ' +
  'ParameterDefinition Period Quantity Range Ratio Reference RelatedArtifact SampledData Signature SimpleQuantity Timing ' +
  'TriggerDefinition UsageContext';
const RESOURCES = 'AuditEvent Bundle Consent DomainResource OperationOutcome Organization Parameters Patient Resource';
/** Required bindings that our profiles keep as R4 has them; value set to code system. */
const VALUE_SETS = {
  'address-type': ['address-type'],
  'address-use': ['address-use'],
  'administrative-gender': ['administrative-gender'],
  'audit-event-action': ['audit-event-action'],
  'audit-event-outcome': ['audit-event-outcome'],
  'bundle-type': ['bundle-type'],
  'consent-provision-type': ['consent-provision-type'],
  'consent-state-codes': ['consent-state-codes'],
  'contact-point-system': ['contact-point-system'],
  'contact-point-use': ['contact-point-use'],
  'identifier-use': ['identifier-use'],
  'issue-severity': ['issue-severity'],
  'issue-type': ['issue-type'],
  'name-use': ['name-use'],
  'narrative-status': ['narrative-status'],
};

const named = (kind, names) => names.map((name) => `${kind}-${name}.json`);

export const R4_DEFINITIONS = [
  ...named('StructureDefinition', `${PRIMITIVES} ${DATA_TYPES} ${RESOURCES}`.split(' ')),
  ...named('ValueSet', Object.keys(VALUE_SETS)),
  ...named('CodeSystem', [...new Set(Object.values(VALUE_SETS).flat())]),
].sort();
