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
Context: Consent
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
