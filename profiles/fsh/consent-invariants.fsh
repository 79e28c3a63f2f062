// Every rule of the Consent profile once more as FHIRPath, on the element it is about: validators differ in what they
// check of bindings, fixed values, slices and nested cardinalities. Whether a category code exists is not said here:
// codes are the catalogue's.

Invariant: akk-con-1
Description: "A consent is proposed, active, rejected, inactive or entered in error."
Severity: #error
Expression: "$this in ('proposed' | 'active' | 'rejected' | 'inactive' | 'entered-in-error')"

Invariant: akk-con-2
Description: "The scope is one coding: patient-privacy."
Severity: #error
Expression: "text.empty() and coding.count() = 1 and coding.where(system = 'http://terminology.hl7.org/CodeSystem/consentscope' and code = 'patient-privacy' and version.empty() and userSelected.empty()).exists()"

Invariant: akk-con-3
Description: "The category is one coding: a data category of the catalogue."
Severity: #error
Expression: "%resource.category.count() = 1 and text.empty() and coding.count() = 1 and coding.where(system = 'http://fhir.nl/otv/CodeSystem/gegevenscategorie' and code.exists() and version.empty() and userSelected.empty()).exists()"

Invariant: akk-con-4
Description: "The patient is a literal reference to a Patient or a BSN, one of the two."
Severity: #error
Expression: "(reference.exists() xor identifier.exists()) and (reference.empty() or reference.matches('^Patient/[A-Za-z0-9.-]{1,64}$')) and (type.empty() or type = 'Patient') and display.empty()"

Invariant: akk-con-5
Description: "Who gives or confirms an answer is a literal reference to a Patient or RelatedPerson, or a BSN."
Severity: #error
Expression: "(reference.exists() xor identifier.exists()) and (reference.empty() or reference.matches('^(Patient|RelatedPerson)/[A-Za-z0-9.-]{1,64}$')) and (type.empty() or type = 'Patient' or type = 'RelatedPerson') and display.empty()"

Invariant: akk-con-6
Description: "The recording organisation is a literal reference to an Organization or a URA; there is at most one."
Severity: #error
Expression: "%resource.organization.count() = 1 and (reference.exists() xor identifier.exists()) and (reference.empty() or reference.matches('^Organization/[A-Za-z0-9.-]{1,64}$')) and (type.empty() or type = 'Organization') and display.empty()"

Invariant: akk-con-7
Description: "There is one policy, the law: https://wetten.overheid.nl/BWBR0023864."
Severity: #error
Expression: "%resource.policy.count() = 1 and authority.empty() and uri.exists() and uri = 'https://wetten.overheid.nl/BWBR0023864'"

Invariant: akk-con-8
Description: "A consent says its origin once: portal, together, button, emergency or migration."
Severity: #error
Expression: "extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin').count() = 1 and extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin').value.where($this is FHIR.code and $this in ('portal' | 'together' | 'button' | 'emergency' | 'migration')).exists()"

Invariant: akk-con-9
Description: "A consent says its catalogue version once."
Severity: #error
Expression: "extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/catalogue-version').count() = 1 and extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/catalogue-version').value.where($this is FHIR.string and $this.matches('^[A-Za-z0-9.-]{1,64}$')).exists()"

Invariant: akk-con-10
Description: "An emergency grant, and nothing else, says once whether the patient agreed or was unable to."
Severity: #error
Expression: "extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/patient-agreed').count() = iif(extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists(), 1, 0) and extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/patient-agreed').all((value is FHIR.code) and (value in ('agreed' | 'unable')))"

Invariant: akk-con-11
Description: "A consent has no extensions but origin, catalogue-version, patient-agreed and grant-reason, no modifier extensions, and none inside its elements."
Severity: #error
Expression: "modifierExtension.empty() and extension.where(url in ('https://akkoord.example/fhir/StructureDefinition/origin' | 'https://akkoord.example/fhir/StructureDefinition/catalogue-version' | 'https://akkoord.example/fhir/StructureDefinition/patient-agreed' | 'https://akkoord.example/fhir/StructureDefinition/grant-reason')).count() = extension.count() and descendants().extension.empty() and descendants().modifierExtension.empty()"

Invariant: akk-con-12
Description: "A consent has no identifier, narrative, language, contained resources, implicit rules, source, policy rule, security labels or tags; it has at most one verification."
Severity: #error
Expression: "identifier.empty() and text.empty() and language.empty() and contained.empty() and implicitRules.empty() and source.empty() and policyRule.empty() and meta.security.empty() and meta.tag.empty() and verification.count() <= 1"

Invariant: akk-con-13
Description: "The base rule is a deny with the purpose TREAT; it holds a type, period, actors, purpose and answers and nothing else."
Severity: #error
Expression: "type.exists() and type = 'deny' and purpose.count() = 1 and purpose.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason' and code = 'TREAT' and version.empty() and userSelected.empty()).exists() and action.empty() and securityLabel.empty() and class.empty() and code.empty() and dataPeriod.empty() and data.empty()"

Invariant: akk-con-14
Description: "A consent is for exactly one holder place, unless it is an emergency grant."
Severity: #error
Expression: "actor.count() = 1 or %resource.extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists()"

Invariant: akk-con-15
Description: "An emergency grant, and nothing else, has a period."
Severity: #error
Expression: "period.exists() = %resource.extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists()"

Invariant: akk-con-16
Description: "A requester place stands in one answer only: not twice, and not with both a yes and a no."
Severity: #error
Expression: "provision.actor.reference.select(iif(reference.exists(), reference, identifier.select(system + '|' + value))).isDistinct()"

Invariant: akk-con-17
Description: "An emergency grant is one permit to one organisation."
Severity: #error
Expression: "%resource.extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists() implies (provision.count() = 1 and provision.type.where($this = 'permit').exists() and provision.actor.count() = 1 and provision.actor.reference.where(reference.exists() or identifier.where(system = 'http://fhir.nl/fhir/NamingSystem/ura').exists()).exists())"

Invariant: akk-con-18
Description: "An emergency grant names its holders as organisations, each once, or none for all holders."
Severity: #error
Expression: "%resource.extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists() implies (actor.reference.all(reference.exists() or identifier.where(system = 'http://fhir.nl/fhir/NamingSystem/ura').exists()) and actor.reference.select(iif(reference.exists(), reference, identifier.select(system + '|' + value))).isDistinct())"

Invariant: akk-con-19
Description: "The period of an emergency grant has a start and an end, both with time and offset, exactly 259,200 seconds apart."
Severity: #error
Expression: "start.where($this.toString().matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$')).exists() and end.where($this.toString().matches('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$')).exists() and end = start + 259200 seconds"

Invariant: akk-con-20
Description: "The actor of the base rule is the holder: role CST."
Severity: #error
Expression: "role.text.empty() and role.coding.count() = 1 and role.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType' and code = 'CST' and version.empty() and userSelected.empty()).exists()"

Invariant: akk-con-21
Description: "A holder place is an organisation, as literal reference, URA or both, or a holder category."
Severity: #error
Expression: "(reference.exists() or identifier.exists()) and (reference.empty() or identifier.empty() or identifier.system = 'http://fhir.nl/fhir/NamingSystem/ura') and (reference.empty() or reference.matches('^Organization/[A-Za-z0-9.-]{1,64}$')) and (type.empty() or type = 'Organization') and display.empty() and (identifier.empty() or identifier.where((system = 'http://fhir.nl/fhir/NamingSystem/ura' and value.matches('^[0-9]{8}$')) or (system = 'https://akkoord.example/fhir/CodeSystem/holder-category' and value.matches('^[A-Z0-9]{1,16}$'))).exists())"

Invariant: akk-con-22
Description: "An answer is a permit or a deny for one or more requester places and nothing else."
Severity: #error
Expression: "type.exists() and type in ('permit' | 'deny') and actor.exists() and period.empty() and action.empty() and securityLabel.empty() and purpose.empty() and class.empty() and code.empty() and dataPeriod.empty() and data.empty() and provision.empty()"

Invariant: akk-con-23
Description: "The actor of an answer is a requester: role IRCP."
Severity: #error
Expression: "role.text.empty() and role.coding.count() = 1 and role.coding.where(system = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType' and code = 'IRCP' and version.empty() and userSelected.empty()).exists()"

Invariant: akk-con-24
Description: "A requester place is an organisation, as literal reference, URA or both, or a requester category."
Severity: #error
Expression: "(reference.exists() or identifier.exists()) and (reference.empty() or identifier.empty() or identifier.system = 'http://fhir.nl/fhir/NamingSystem/ura') and (reference.empty() or reference.matches('^Organization/[A-Za-z0-9.-]{1,64}$')) and (type.empty() or type = 'Organization') and display.empty() and (identifier.empty() or identifier.where((system = 'http://fhir.nl/fhir/NamingSystem/ura' and value.matches('^[0-9]{8}$')) or (system = 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie' and value.matches('^[A-Z0-9]{1,16}$'))).exists())"

Invariant: akk-con-25
Description: "A consent names at most 100 requester places."
Severity: #error
Expression: "provision.actor.count() <= 100"

Invariant: akk-con-26
Description: "An emergency grant, and nothing else, says at most once why it was recorded, in at most 1000 characters. Holders are shown it without."
Severity: #error
Expression: "extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/grant-reason').count() <= iif(extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin' and value = 'emergency').exists(), 1, 0) and extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/grant-reason').all((value is FHIR.string) and (value.length() <= 1000))"
