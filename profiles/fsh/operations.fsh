// The operations of Consent, at type level by POST. Names, types and cardinalities are the contract with callers.

RuleSet: Operation(code, title, affects, description)
* name = "{title}"
* title = "{title}"
* url = "https://akkoord.example/fhir/OperationDefinition/{code}"
* version = "1.0.0"
* status = #active
* experimental = false
* publisher = "Akkoord"
* kind = #operation
* code = #{code}
* description = "{description}"
* affectsState = {affects}
* resource = #Consent
* system = false
* type = true
* instance = false

RuleSet: P(path, name, use, min, max, documentation)
* {path}[+].name = #{name}
* {path}[=].use = #{use}
* {path}[=].min = {min}
* {path}[=].max = "{max}"
* {path}[=].documentation = "{documentation}"

RuleSet: T(path, type)
* {path}[=].type = #{type}

RuleSet: V(path, valueset)
* {path}[=].binding.strength = #required
* {path}[=].binding.valueSet = "https://akkoord.example/fhir/ValueSet/{valueset}"

Instance: check
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(check, Check, false, [[The closed question: may this holder share this data with this requester now? A single question stands in the parameters themselves; up to 500 questions stand in request parts and come back as result parts in the same order. A deny is an answer, not an error.]])
* insert P(parameter, patient, in, 0, 1, [[The citizen, by BSN.]])
* insert T(parameter, Identifier)
* insert P(parameter, holder, in, 0, 1, [[The organisation that holds the data, by URA.]])
* insert T(parameter, Identifier)
* insert P(parameter, holderType, in, 0, 1, Type of the holder. May be left out when the registered organisation has one type; needed when the holder is not registered.)
* insert T(parameter, Coding)
* insert V(parameter, asked-organisation-type)
* insert P(parameter, requester, in, 0, 1, [[The organisation that asks for the data, by URA.]])
* insert T(parameter, Identifier)
* insert P(parameter, requesterType, in, 0, 1, [[Type of the requester, as for the holder.]])
* insert T(parameter, Coding)
* insert V(parameter, asked-organisation-type)
* insert P(parameter, dataCategory, in, 0, *, [[The data asked about, each category once; when absent that of the holder's row.]])
* insert T(parameter, Coding)
* insert V(parameter, data-category)
* insert P(parameter, purpose, in, 0, 1, [[TREAT (when absent) or COC.]])
* insert T(parameter, Coding)
* insert V(parameter, asked-purpose)
* insert P(parameter, requesterRole, in, 0, 1, Role of the professional who asks; for the log.)
* insert T(parameter, Coding)
* insert P(parameter, professional, in, 0, 1, [[The professional who asks, or who gave the mandate, by UZI number; for the log.]])
* insert T(parameter, Identifier)
* insert P(parameter, mandated, in, 0, 1, [[The person who acts under a mandate, by UZI number; for the log.]])
* insert T(parameter, Identifier)
* insert P(parameter, at, in, 0, 1, The moment asked about. Auditors only.)
* insert T(parameter, instant)
* insert P(parameter, knownAt, in, 0, 1, What the register knew at this moment. Auditors only.)
* insert T(parameter, instant)
* insert P(parameter, detail, in, 0, 1, How much the answer tells.)
* insert T(parameter, code)
* insert V(parameter, check-detail)
* insert P(parameter, request, in, 0, 500, One question of a batch.)
* insert P(parameter[=].part, patient, in, 1, 1, [[The citizen, by BSN.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, holder, in, 1, 1, [[The organisation that holds the data, by URA.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, holderType, in, 0, 1, Type of the holder. May be left out when the registered organisation has one type; needed when the holder is not registered.)
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, asked-organisation-type)
* insert P(parameter[=].part, requester, in, 1, 1, [[The organisation that asks for the data, by URA.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, requesterType, in, 0, 1, [[Type of the requester, as for the holder.]])
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, asked-organisation-type)
* insert P(parameter[=].part, dataCategory, in, 0, *, [[The data asked about, each category once; when absent that of the holder's row.]])
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, data-category)
* insert P(parameter[=].part, purpose, in, 0, 1, [[TREAT (when absent) or COC.]])
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, asked-purpose)
* insert P(parameter[=].part, requesterRole, in, 0, 1, Role of the professional who asks; for the log.)
* insert T(parameter[=].part, Coding)
* insert P(parameter[=].part, professional, in, 0, 1, [[The professional who asks, or who gave the mandate, by UZI number; for the log.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, mandated, in, 0, 1, [[The person who acts under a mandate, by UZI number; for the log.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, at, in, 0, 1, The moment asked about. Auditors only.)
* insert T(parameter[=].part, instant)
* insert P(parameter[=].part, knownAt, in, 0, 1, What the register knew at this moment. Auditors only.)
* insert T(parameter[=].part, instant)
* insert P(parameter[=].part, detail, in, 0, 1, How much the answer tells.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, check-detail)
* insert P(parameter, decision, out, 0, 1, Permit or deny.)
* insert T(parameter, code)
* insert V(parameter, decision)
* insert P(parameter, reason, out, 0, 1, Why; for the holder.)
* insert T(parameter, Coding)
* insert V(parameter, decision-reason)
* insert P(parameter, basedOn, out, 0, *, The versioned consents the decision rests on.)
* insert T(parameter, Reference)
* insert P(parameter, catalogueVersion, out, 0, 1, The catalogue that was used.)
* insert T(parameter, string)
* insert P(parameter, evaluatedAt, out, 0, 1, The moment of the decision.)
* insert T(parameter, instant)
* insert P(parameter, nextChangeAt, out, 0, 1, The first known moment at which the answer may change.)
* insert T(parameter, instant)
* insert P(parameter, decisionId, out, 0, 1, [[The id of the audit record, as urn:uuid.]])
* insert T(parameter, uri)
* insert P(parameter, result, out, 0, *, [[One answer: per data category when several were asked, per request in a batch.]])
* insert P(parameter[=].part, dataCategory, out, 0, 1, [[The category this answer is about, when several were asked.]])
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, data-category)
* insert P(parameter[=].part, decision, out, 0, 1, Permit or deny.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, decision)
* insert P(parameter[=].part, reason, out, 0, 1, Why; for the holder.)
* insert T(parameter[=].part, Coding)
* insert V(parameter[=].part, decision-reason)
* insert P(parameter[=].part, basedOn, out, 0, *, The versioned consents the decision rests on.)
* insert T(parameter[=].part, Reference)
* insert P(parameter[=].part, catalogueVersion, out, 0, 1, The catalogue that was used.)
* insert T(parameter[=].part, string)
* insert P(parameter[=].part, evaluatedAt, out, 0, 1, The moment of the decision.)
* insert T(parameter[=].part, instant)
* insert P(parameter[=].part, nextChangeAt, out, 0, 1, The first known moment at which the answer may change.)
* insert T(parameter[=].part, instant)
* insert P(parameter[=].part, decisionId, out, 0, 1, [[The id of the audit record, as urn:uuid.]])
* insert T(parameter[=].part, uri)
* insert P(parameter[=].part, outcome, out, 0, 1, Why a question of a batch could not be answered; its decision is then a deny.)
* insert T(parameter[=].part, OperationOutcome)
* insert P(parameter[=].part, result, out, 0, *, [[In a batch: one answer per data category, when the request asked several.]])
* insert P(parameter[=].part[=].part, dataCategory, out, 1, 1, The category this answer is about.)
* insert T(parameter[=].part[=].part, Coding)
* insert V(parameter[=].part[=].part, data-category)
* insert P(parameter[=].part[=].part, decision, out, 1, 1, Permit or deny.)
* insert T(parameter[=].part[=].part, code)
* insert V(parameter[=].part[=].part, decision)
* insert P(parameter[=].part[=].part, reason, out, 0, 1, Why; for the holder.)
* insert T(parameter[=].part[=].part, Coding)
* insert V(parameter[=].part[=].part, decision-reason)
* insert P(parameter[=].part[=].part, basedOn, out, 0, *, The versioned consents the decision rests on.)
* insert T(parameter[=].part[=].part, Reference)
* insert P(parameter[=].part[=].part, catalogueVersion, out, 0, 1, The catalogue that was used.)
* insert T(parameter[=].part[=].part, string)
* insert P(parameter[=].part[=].part, evaluatedAt, out, 0, 1, The moment of the decision.)
* insert T(parameter[=].part[=].part, instant)
* insert P(parameter[=].part[=].part, nextChangeAt, out, 0, 1, The first known moment at which the answer may change.)
* insert T(parameter[=].part[=].part, instant)
* insert P(parameter[=].part[=].part, decisionId, out, 0, 1, [[The id of the audit record, as urn:uuid.]])
* insert T(parameter[=].part[=].part, uri)

Instance: choose
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(choose, Choose, true, [[Records a citizen's choice: all, none or certain care providers. All and none replace every answer, individual exceptions included. A care provider records it with the citizen: together, with all that the citizen could say alone, or with its button, for itself alone.]])
* insert P(parameter, patient, in, 1, 1, [[The citizen, by BSN.]])
* insert T(parameter, Identifier)
* insert P(parameter, option, in, 1, 1, [[All, none or certain.]])
* insert T(parameter, code)
* insert V(parameter, choose-option)
* insert P(parameter, answer, in, 0, *, One answer; with certain only. Names a holder category or a holder.)
* insert P(parameter[=].part, holderCategory, in, 0, 1, [[The holder place, as a category.]])
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, holder-category)
* insert P(parameter[=].part, holder, in, 0, 1, [[The holder place, as an organisation by URA.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, requesterCategory, in, 0, *, [[Requester places, as categories. Without any requester place: all requester categories of the row.]])
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, requester-category)
* insert P(parameter[=].part, requester, in, 0, *, [[Requester places, as organisations by URA.]])
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, decision, in, 1, 1, [[Yes, no, or take the earlier answer away.]])
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, answer-decision)
* insert P(parameter, way, in, 0, 1, [[How a care provider records it with the citizen; required for care providers, and for nobody else.]])
* insert T(parameter, code)
* insert V(parameter, choose-way)
* insert P(parameter, reason, in, 0, 1, [[Why it is recorded, in at most 1000 characters; without a BSN.]])
* insert T(parameter, string)
* insert P(parameter, return, out, 1, 1, [[The citizen's consents as they are now, as far as the caller may see them (searchset).]])
* insert T(parameter, Bundle)

Instance: profile
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(profile, Profile, false, The consent profile of a citizen as a table: one cell per holder place and requester place that has an answer.)
* insert P(parameter, patient, in, 1, 1, [[The citizen, by BSN.]])
* insert T(parameter, Identifier)
* insert P(parameter, cell, out, 0, *, One answer.)
* insert P(parameter[=].part, holderPlace, out, 1, 1, Category or organisation that holds the data.)
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, requesterPlace, out, 1, 1, Category or organisation that may or may not get it.)
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, decision, out, 1, 1, Yes or no.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, decision)
* insert P(parameter[=].part, status, out, 1, 1, Status of the consent it stands in.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, consent-status)
* insert P(parameter[=].part, origin, out, 1, 1, How it came to be.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, consent-origin)
* insert P(parameter[=].part, recordedAt, out, 1, 1, When it was recorded.)
* insert T(parameter[=].part, instant)
* insert P(parameter[=].part, recordedBy, out, 0, 1, [[The recording organisation, or who gave the answer.]])
* insert T(parameter[=].part, Reference)
* insert P(parameter[=].part, consent, out, 1, 1, The versioned consent it stands in.)
* insert T(parameter[=].part, Reference)

Instance: grant-emergency
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(grant-emergency, GrantEmergency, true, [[An emergency organisation records, on the patient's behalf, that it may see what holders have: for itself alone and for exactly 72 hours. A second grant within 72 hours of an earlier one needs the patient's agreement.]])
* insert P(parameter, patient, in, 1, 1, [[The citizen, by BSN.]])
* insert T(parameter, Identifier)
* insert P(parameter, holder, in, 0, *, [[The holders it is about, by URA. Without any: all holders.]])
* insert T(parameter, Identifier)
* insert P(parameter, patientAgreed, in, 1, 1, Whether the patient agreed or could not be asked.)
* insert T(parameter, code)
* insert V(parameter, patient-agreed)
* insert P(parameter, reason, in, 1, 1, [[Why it is needed, in at most 1000 characters; without a BSN.]])
* insert T(parameter, string)
* insert P(parameter, return, out, 1, 1, The grant.)
* insert T(parameter, Consent)

Instance: end-emergency
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(end-emergency, EndEmergency, true, A citizen ends an emergency grant before its 72 hours are over.)
* insert P(parameter, consent, in, 1, 1, [[The grant, as Consent/id.]])
* insert T(parameter, Reference)
* insert P(parameter, return, out, 1, 1, [[The grant, ended.]])
* insert T(parameter, Consent)
