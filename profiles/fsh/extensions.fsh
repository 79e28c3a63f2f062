Extension: Origin
Id: origin
Title: "Origin"
Description: "How the answers in this consent came to be recorded."
Context: Consent
* insert Published
* value[x] 1..1
* value[x] only code
* valueCode from ConsentOriginValues (required)

Extension: CatalogueVersion
Id: catalogue-version
Title: "Catalogue version"
Description: "The version of the consent catalogue whose questions were answered."
Context: Consent, Provenance
* insert Published
* value[x] 1..1
* value[x] only string

Extension: PatientAgreedExtension
Id: patient-agreed
Title: "Patient agreed"
Description: "Whether the patient agreed to an emergency grant or could not be asked."
Context: Consent
* insert Published
* value[x] 1..1
* value[x] only code
* valueCode from PatientAgreedValues (required)

Extension: GrantReason
Id: grant-reason
Title: "Reason of an emergency grant"
Description: "Why an emergency organisation needs the data, in its own words. Names and numbers of people do not belong in it."
Context: Consent
* insert Published
* value[x] 1..1
* value[x] only string
