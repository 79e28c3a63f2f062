Profile: AkkoordPatient
Parent: Patient
Id: akkoord-patient
Title: "Akkoord Patient"
Description: "A citizen, with what a consent server needs: who it is, how to reach them, and the birth date that decides who confirms a choice. Everything else about a person belongs elsewhere."
* insert Published
* obeys akk-pat-1
* implicitRules 0..0
* contained 0..0
* extension 0..0
* modifierExtension 0..0
* identifier 1..1
* identifier ^short = "The BSN"
* identifier obeys akk-bsn-1
* identifier.extension 0..0
* identifier.system 1..1
* identifier.system = "http://fhir.nl/fhir/NamingSystem/bsn" (exactly)
* identifier.value 1..1
* identifier.period 0..0
* identifier.assigner 0..0
* telecom ^short = "Mails go to the first e-mail address, once it is confirmed"
* birthDate ^short = "Decides whether a parent confirms; an incomplete one counts as its latest day"
* deceased[x] 0..0
* address 0..0
* maritalStatus 0..0
* multipleBirth[x] 0..0
* photo 0..0
* contact 0..0
* communication ^short = "In which language mails are written: Dutch, or English"
* communication.extension 0..0
* communication.modifierExtension 0..0
* generalPractitioner 0..0
* managingOrganization 0..0
* link 0..0

Invariant: akk-pat-1
Description: "A patient has one identifier and no more than active, name, telecom, gender, birth date and languages beside it."
Severity: #error
Expression: "identifier.count() = 1 and contained.empty() and implicitRules.empty() and extension.empty() and modifierExtension.empty() and deceased.empty() and address.empty() and maritalStatus.empty() and multipleBirth.empty() and photo.empty() and contact.empty() and generalPractitioner.empty() and managingOrganization.empty() and link.empty()"
