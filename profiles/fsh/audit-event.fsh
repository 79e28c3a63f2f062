// The server is the only writer of these, so they say what a reader may count on. Both follow the patterns of IHE Basic
// Audit Log Patterns (BALP); network addresses and the values of a query are left out, because they would identify people in
// the log.

Profile: AkkoordAuditEvent
Parent: AuditEvent
Id: akkoord-audit-event
Title: "Akkoord AuditEvent"
Description: "One access: who did what to whose data, and how it ended."
* insert Published
* obeys akk-aud-1 and akk-aud-2
* modifierExtension 0..0
* contained 0..0
* subtype 1..*
* subtype ^short = "The interaction, or the operation"
* action 1..1
* outcome 1..1
* outcome ^short = "0 done | 4 refused | 8 failed"
* outcomeDesc ^short = "The stable code of the reason or problem; never a BSN, name or token"
* agent ^short = "Client (DCM 110150), organisation (PROV), professional or citizen (IRCP, AUT), mandated professional (DLG), server"
* agent.type 1..1
* agent.network 0..0
* agent.name 0..0
* source.observer.identifier 1..1
* entity ^short = "Request (XrequestId), patient (1), consents and other resources (4), query and details (24)"
* entity.name 0..0

Invariant: akk-aud-1
Description: "The patient of an event stands once among its entities."
Severity: #error
Expression: "entity.where(role.where(system = 'http://terminology.hl7.org/CodeSystem/object-role' and code = '1').exists()).count() <= 1"

Invariant: akk-aud-2
Description: "An event names the client that called."
Severity: #error
Expression: "agent.where(type.coding.where(system = 'http://dicom.nema.org/resources/ontology/DCM' and code = '110150').exists()).count() = 1"

Profile: AkkoordDecisionAuditEvent
Parent: AkkoordAuditEvent
Id: akkoord-decision-audit-event
Title: "Akkoord decision AuditEvent"
Description: "One closed question and its answer. The pattern of BALP for a decision on consents demands a consent and closes its entities; a deny often rests on no consent at all, and a decision has more to say (data category, reason, catalogue version), so this profile keeps the pattern and leaves both open."
* insert Published
* obeys akk-aud-3 and akk-aud-4
* type = http://dicom.nema.org/resources/ontology/DCM#110113
* action = #E (exactly)
* purposeOfEvent 0..1
* purposeOfEvent from AskedPurpose (required)
* entity 0..*

Invariant: akk-aud-3
Description: "A decision is told by its subtype."
Severity: #error
Expression: "subtype.where(system = 'https://akkoord.example/fhir/CodeSystem/audited-event' and code = 'decision').count() = 1 and type.where(system = 'http://dicom.nema.org/resources/ontology/DCM' and code = '110113').exists() and action.where($this = 'E').exists()"

Invariant: akk-aud-4
Description: "A decision that was made tells its reason."
Severity: #error
Expression: "outcome = '8' or outcomeDesc.exists()"
