Profile: AkkoordConsent
Parent: Consent
Id: akkoord-consent
Title: "Akkoord Consent"
Description: "One citizen's answers for one holder place: a category of holders, or one organisation. Its versions are the history of those answers. What the decision would not honour has no place in it."
* insert Published
* obeys akk-con-8 and akk-con-9 and akk-con-10 and akk-con-11 and akk-con-12 and akk-con-26
* meta.security 0..0
* meta.tag 0..0
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* modifierExtension 0..0
* extension 2..4
* extension contains Origin named origin 1..1 and CatalogueVersion named catalogueVersion 1..1 and PatientAgreedExtension named patientAgreed 0..1 and GrantReason named grantReason 0..1
* extension[origin].url = "https://akkoord.example/fhir/StructureDefinition/origin" (exactly)
* extension[catalogueVersion].url = "https://akkoord.example/fhir/StructureDefinition/catalogue-version" (exactly)
* extension[patientAgreed].url = "https://akkoord.example/fhir/StructureDefinition/patient-agreed" (exactly)
* extension[grantReason].url = "https://akkoord.example/fhir/StructureDefinition/grant-reason" (exactly)
* identifier 0..0

* status from ConsentStatus (required)
* status obeys akk-con-1
* status ^short = "proposed (waits for a parent) | active | rejected | inactive | entered-in-error"

* insert OneCoding(scope)
* scope = http://terminology.hl7.org/CodeSystem/consentscope#patient-privacy
* scope obeys akk-con-2

* category 1..1
* category from https://akkoord.example/fhir/ValueSet/data-category (required)
* category ^short = "The data category of the holder's row"
* category obeys akk-con-3
* insert OneCoding(category)

* patient 1..1
* patient obeys akk-con-4
* patient.identifier obeys akk-bsn-1 and akk-id-1
* insert LiteralOrIdentifier(patient)

* dateTime 1..1
* dateTime ^short = "Moment of the choice"

* performer 1..*
* performer only Reference(Patient or RelatedPerson)
* performer ^short = "Who gave the answers; of an emergency grant the patient, on whose behalf it was recorded"
* performer obeys akk-con-5
* performer.identifier obeys akk-bsn-1 and akk-id-1
* insert LiteralOrIdentifier(performer)

* organization 0..1
* organization ^short = "The recording organisation, if any"
* organization obeys akk-con-6
* organization.identifier obeys akk-ura-1 and akk-id-1
* insert LiteralOrIdentifier(organization)

* source[x] 0..0
* policyRule 0..0

* policy 1..1
* policy obeys akk-con-7
* insert Bare(policy)
* policy.authority 0..0
* policy.uri 1..1
* policy.uri = "https://wetten.overheid.nl/BWBR0023864" (exactly)

* verification 0..1
* verification ^short = "Confirmation by a parent or guardian"
* insert Bare(verification)
* verification.verifiedWith obeys akk-con-5
* verification.verifiedWith.identifier obeys akk-bsn-1 and akk-id-1
* insert LiteralOrIdentifier(verification.verifiedWith)

* provision 1..1
* provision obeys akk-con-13 and akk-con-14 and akk-con-15 and akk-con-16 and akk-con-17 and akk-con-18 and akk-con-25
* insert Bare(provision)
* provision.type 1..1
* provision.type = #deny (exactly)
* provision.type ^short = "The base rule: deny"
* provision.period ^short = "Emergency grants only: from start up to but not including end"
* provision.period obeys akk-con-19
* provision.period.extension 0..0
* provision.period.start 1..1
* provision.period.end 1..1
* provision.actor ^short = "The holder place; on an emergency grant each holder, or none for all holders"
* insert Actor(provision, CST)
* provision.actor obeys akk-con-20
* provision.actor.reference obeys akk-con-21
* provision.action 0..0
* provision.securityLabel 0..0
* provision.purpose 1..1
* provision.purpose = http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT
* provision.purpose.extension 0..0
* provision.purpose.version 0..0
* provision.purpose.userSelected 0..0
* provision.class 0..0
* provision.code 0..0
* provision.dataPeriod 0..0
* provision.data 0..0

* provision.provision ^short = "The answers: requester places with a yes, and with a no. A place in neither is unanswered"
* provision.provision obeys akk-con-22
* provision.provision 0..100
* insert Bare(provision.provision)
* provision.provision.type 1..1
* provision.provision.period 0..0
* provision.provision.actor 1..100
* insert Actor(provision.provision, IRCP)
* provision.provision.actor obeys akk-con-23
* provision.provision.actor.reference obeys akk-con-24
* provision.provision.action 0..0
* provision.provision.securityLabel 0..0
* provision.provision.purpose 0..0
* provision.provision.class 0..0
* provision.provision.code 0..0
* provision.provision.dataPeriod 0..0
* provision.provision.data 0..0
* provision.provision.provision 0..0

RuleSet: Actor(path, role)
* insert Bare({path}.actor)
* {path}.actor.role = http://terminology.hl7.org/CodeSystem/v3-ParticipationType#{role}
* insert OneCoding({path}.actor.role)
* {path}.actor.reference only Reference(Organization)
* {path}.actor.reference.identifier obeys akk-id-1
* insert LiteralOrIdentifier({path}.actor.reference)
