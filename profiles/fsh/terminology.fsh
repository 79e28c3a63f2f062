// Our own codes that are not part of the catalogue.

CodeSystem: ConsentOrigin
Id: consent-origin
Title: "How a consent came to be"
Description: "The way an answer was recorded. Answers that were migrated carry less authority than all others."
* insert Published
* ^caseSensitive = true
* #portal "Portal" "The citizen, in the portal."
* #together "Together" "A care provider and the patient together, with the detail of the portal."
* #button "Holder's button" "A holder, at the patient's request, for its own organisation."
* #emergency "Emergency" "An emergency organisation, for a limited time."
* #migration "Migration" "Taken over from the holder's own administration."

CodeSystem: PatientAgreed
Id: patient-agreed
Title: "Whether the patient agreed"
Description: "What was possible when an emergency grant was recorded."
* insert Published
* ^caseSensitive = true
* #agreed "Agreed" "The patient was asked and agreed."
* #unable "Unable" "The patient could not be asked."

CodeSystem: DecisionReason
Id: decision-reason
Title: "Reason of a decision"
Description: "Why a question was answered with a permit or a deny."
* insert Published
* ^caseSensitive = true
* #consent-given "Consent given" "Permit: the most specific answer in force is a yes that covers the data."
* #emergency-grant "Emergency grant in force" "Permit: an emergency grant is in force for this requester and this holder."
* #no-consent "No consent recorded" "Deny: no answer is in force for this question."
* #consent-refused "Consent refused" "Deny: the most specific answer in force is a no."
* #data-category-not-covered "Data category not covered by the consent" "Deny: the answer is a yes, for other data."
* #minor-unconfirmed "Not yet confirmed by a parent or guardian" "Deny: the yes waits for a parent or guardian."
* #requester-not-eligible "Requester not eligible" "Deny: this type of organisation never gets data on a consent."
* #consent-unreadable "A recorded consent cannot be read" "Deny: a stored consent is not understood in full."

CodeSystem: AuditedEvent
Id: audited-event
Title: "Audited event"
Description: "What the audit log records beside the interactions of FHIR REST."
* insert Published
* ^caseSensitive = true
* #decision "Decision" "A closed question was asked and answered, or could not be answered."
* #grant-emergency "Emergency grant" "An emergency organisation recorded a grant, or was refused."
* #end-emergency "End of an emergency grant" "A citizen ended a grant, or was refused."
* #locate "Location of holders" "An open question was asked: which holders may share."
* #migrate "Migration" "A holder brought its existing consents."
* #pairing-code "Pairing code" "A young person asked for a code with which a parent confirms."
* #review "Review by a parent" "A parent looked at what a child proposes."
* #confirm "Confirmation by a parent" "A parent confirmed or rejected what a child proposes, or was refused."
* #settings "Settings" "A citizen read or changed settings."
* #delete-account "Deletion of an account" "A citizen deleted the account."
* #access-log "Access log" "A citizen read the own log."
* #status "Status of a subscription" "A holder asked how notifications stand."
* #events "Events of a subscription" "A holder asked for notifications again."
* #choose "Choice" "Answers were recorded, by a citizen or with one."
* #profile "Consent profile" "A citizen read the own choices."
* #issue "Access token" "A client asked for an access token."
* #introspect "Introspection" "A client asked what an access token says."
* #revoke "Revocation" "A client ended an access token."
* #unknown "Unknown" "What was asked for could not be made out, or is not there."
* #report "Review of the log" "The operator looked through the log for what deserves a second look."
* #retention "End of retention" "A day of the log was removed, its time being over."

CodeSystem: Problem
Id: problem
Title: "Problem"
Description: "The stable codes in the details of an OperationOutcome. The list grows with the server and is not given here."
* insert Published
* ^caseSensitive = true
* ^content = #not-present

ValueSet: ConsentOriginValues
Id: consent-origin
Title: "How a consent came to be"
Description: "All origins."
* insert Published
* include codes from system ConsentOrigin

ValueSet: PatientAgreedValues
Id: patient-agreed
Title: "Whether the patient agreed"
Description: "All answers."
* insert Published
* include codes from system PatientAgreed

ValueSet: DecisionReasonValues
Id: decision-reason
Title: "Reason of a decision"
Description: "All reasons."
* insert Published
* include codes from system DecisionReason

ValueSet: ConsentStatus
Id: consent-status
Title: "Status of a consent"
Description: "The states a consent can be in here. A draft is nobody's answer yet and is not kept."
* insert Published
* http://hl7.org/fhir/consent-state-codes#proposed "Proposed"
* http://hl7.org/fhir/consent-state-codes#active "Active"
* http://hl7.org/fhir/consent-state-codes#rejected "Rejected"
* http://hl7.org/fhir/consent-state-codes#inactive "Inactive"
* http://hl7.org/fhir/consent-state-codes#entered-in-error "Entered in Error"

ValueSet: AskedPurpose
Id: asked-purpose
Title: "Purpose of a question"
Description: "Treatment, and coordination of care; both are decided by the same answers."
* insert Published
* http://terminology.hl7.org/CodeSystem/v3-ActReason#TREAT "treatment"
* http://terminology.hl7.org/CodeSystem/v3-ActReason#COC "coordination of care"

ValueSet: Decision
Id: decision
Title: "Decision"
Description: "The two answers to a closed question."
* insert Published
* http://hl7.org/fhir/consent-provision-type#permit "Opt In"
* http://hl7.org/fhir/consent-provision-type#deny "Opt Out"

CodeSystem: ChooseOption
Id: choose-option
Title: "Choice"
Description: "What a citizen can choose, and what can be done with one answer."
* insert Published
* ^caseSensitive = true
* #all "All care providers" "Yes to every question."
* #none "No care providers" "No to every question."
* #certain "Certain care providers" "Answers one by one."

CodeSystem: AnswerDecision
Id: answer-decision
Title: "Answer"
Description: "What is recorded for a place."
* insert Published
* ^caseSensitive = true
* #permit "Yes" "The holder may share with the requester."
* #deny "No" "The holder may not share with the requester."
* #clear "No answer" "The earlier answer is taken away."

CodeSystem: ChooseWay
Id: choose-way
Title: "Way of recording"
Description: "How a care provider records a choice with the patient."
* insert Published
* ^caseSensitive = true
* #together "Together" "With the detail of the portal."
* #button "Holder's button" "For the own organisation only."

CodeSystem: CheckDetail
Id: check-detail
Title: "Detail of an answer"
Description: "How much an answer tells."
* insert Published
* ^caseSensitive = true
* #basic "Basic" "The decision and its reason."
* #full "Full" "Also the consents it rests on."

ValueSet: ChooseOptionValues
Id: choose-option
Title: "Choice"
Description: "All options."
* insert Published
* include codes from system ChooseOption

ValueSet: AnswerDecisionValues
Id: answer-decision
Title: "Answer"
Description: "All answers."
* insert Published
* include codes from system AnswerDecision

ValueSet: ChooseWayValues
Id: choose-way
Title: "Way of recording"
Description: "All ways."
* insert Published
* include codes from system ChooseWay

ValueSet: CheckDetailValues
Id: check-detail
Title: "Detail of an answer"
Description: "Both levels."
* insert Published
* include codes from system CheckDetail
