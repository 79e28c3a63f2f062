Profile: AkkoordOrganization
Parent: Organization
Id: akkoord-organization
Title: "Akkoord Organization"
Description: "A registered care provider: its URA, name and types. An insurer, employer or company doctor cannot be registered."
* insert Published
* obeys akk-org-1
* implicitRules 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 1..1
* identifier ^short = "The URA"
* identifier obeys akk-ura-1
* identifier.extension 0..0
* identifier.system 1..1
* identifier.system = "http://fhir.nl/fhir/NamingSystem/ura" (exactly)
* identifier.value 1..1
* identifier.period 0..0
* identifier.assigner 0..0
* type 1..*
* type from https://akkoord.example/fhir/ValueSet/organisation-type (required)
* type obeys akk-org-2
* insert OneCoding(type)
* name 1..1
* alias 0..0
* telecom 0..0
* address 0..0
* partOf 0..0
* contact 0..0
* endpoint 0..0

Invariant: akk-org-1
Description: "An organisation has one identifier, a name, at least one type, each once, and no more than active beside them."
Severity: #error
Expression: "identifier.count() = 1 and name.exists() and type.exists() and type.coding.code.isDistinct() and contained.empty() and implicitRules.empty() and extension.empty() and modifierExtension.empty() and alias.empty() and telecom.empty() and address.empty() and partOf.empty() and contact.empty() and endpoint.empty()"

Invariant: akk-org-2
Description: "A type is one coding of the national list of organisation types; types outside care cannot be registered."
Severity: #error
Expression: "text.empty() and coding.count() = 1 and coding.where(system = 'http://nictiz.nl/fhir/NamingSystem/organization-type' and code.exists() and version.empty() and userSelected.empty()).exists()"
