// Where answers come from. The server is the only writer of these, so they say what a reader may count on.

Profile: AkkoordProvenance
Parent: Provenance
Id: akkoord-provenance
Title: "Akkoord Provenance"
Description: "One recording for one citizen: which versions of Consents it wrote, who recorded for whom, on what ground, and which text and catalogue version the answers are about."
* insert Published
* obeys akk-prv-1
* modifierExtension 0..0
* contained 0..0
* implicitRules 0..0
* language 0..0
* text 0..0
* extension 1..1
* extension contains CatalogueVersion named catalogueVersion 1..1
* extension[catalogueVersion].url = "https://akkoord.example/fhir/StructureDefinition/catalogue-version" (exactly)
* target only Reference(Consent)
* target ^short = "The versions of Consents that were written"
* target.reference 1..1
* target.identifier 0..0
* target.display 0..0
* target obeys akk-prv-2
* occurred[x] 0..0
* policy 2..2
* policy ^short = "The law, and the text that was answered: the questions of the catalogue, with their version"
* policy obeys akk-prv-3
* location 0..0
* reason 0..1
* reason ^short = "In the words of who recorded"
* reason.text 1..1
* reason.coding 0..0
* activity 1..1
* activity from RecordingWayValues (required)
* activity ^short = "The way of recording"
* insert OneCoding(activity)
* agent 1..2
* agent ^short = "The citizen (author), a parent (verifier), or a client (assembler) and its organisation (enterer); for whom is onBehalfOf"
* agent.type 1..1
* agent.role 0..0
* entity 0..0
* signature 0..0

Invariant: akk-prv-1
Description: "The citizen for whom was recorded is named at most once: as the only agent, or as the one on whose behalf was recorded."
Severity: #error
Expression: "agent.onBehalfOf.where(reference.exists()).count() + agent.where(onBehalfOf.empty()).who.where(reference.exists()).count() <= 1"

Invariant: akk-prv-2
Description: "What was written is named as a version of a Consent."
Severity: #error
Expression: "reference.matches('^Consent/[A-Za-z0-9.-]{1,64}/_history/[0-9]{1,9}$')"

Invariant: akk-prv-3
Description: "A ground is the law, https://wetten.overheid.nl/BWBR0023864, or a version of the consent questions."
Severity: #error
Expression: "$this = 'https://wetten.overheid.nl/BWBR0023864' or $this.matches('^https://akkoord.example/fhir/CodeSystem/consent-question[|][A-Za-z0-9.-]{1,64}$')"

CodeSystem: RecordingWay
Id: recording-way
Title: "Way of recording"
Description: "How a recording came about."
* insert Published
* ^caseSensitive = true
* #portal "Portal" "The citizen, in the portal or through an application of their own."
* #together "Together" "A care provider and the patient together, with the detail of the portal."
* #button "Holder's button" "A holder, at the patient's request, for its own organisation."
* #emergency "Emergency" "An emergency organisation, for a limited time."
* #migration "Migration" "A holder took over what stood in its own administration."
* #confirmation "Confirmation" "A parent or guardian confirmed or rejected what a young person proposed."
* #correction "Correction" "The register itself, when it learnt something about the citizen, such as a birth date."

ValueSet: RecordingWayValues
Id: recording-way
Title: "Way of recording"
Description: "All ways."
* insert Published
* include codes from system RecordingWay

Instance: Provenance-target
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Provenance, target, reference, Provenance.target, [[A Consent, of any version, that was written.]])
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Provenance-target"
* target[0] = #Consent

Instance: Provenance-patient
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Provenance, patient, reference, [[Provenance.agent.onBehalfOf.where(reference.startsWith('Patient/')) | Provenance.agent.where(onBehalfOf.empty()).who.where(reference.startsWith('Patient/'))]], [[The citizen for whom was recorded. In R4 a Patient among the targets; here every target is a Consent of that citizen.]])
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Provenance-patient"
* target[0] = #Patient

Instance: Provenance-recorded
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Provenance, recorded, date, Provenance.recorded, When it was recorded.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Provenance-recorded"
