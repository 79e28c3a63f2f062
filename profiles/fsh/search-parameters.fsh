// What can be searched by. Where R4 defines the parameter, code and meaning are R4's; expressions avoid resolve().

RuleSet: Search(resource, code, type, expression, description)
* name = "{code}"
* url = "https://akkoord.example/fhir/SearchParameter/{resource}-{code}"
* version = "1.0.0"
* status = #active
* experimental = false
* publisher = "Akkoord"
* code = #{code}
* base = #{resource}
* type = #{type}
* expression = "{expression}"
* xpathUsage = #normal
* description = "{description}"

RuleSet: SearchAll(code, type, expression, derived, description)
* name = "{code}"
* url = "https://akkoord.example/fhir/SearchParameter/Resource-{derived}"
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Resource-{derived}"
* version = "1.0.0"
* status = #active
* experimental = false
* publisher = "Akkoord"
* code = #{code}
* base[0] = #Patient
* base[1] = #Organization
* base[2] = #Consent
* base[3] = #AuditEvent
* base[4] = #Subscription
* base[5] = #Provenance
* type = #{type}
* expression = "{expression}"
* xpathUsage = #normal
* description = "{description}"

Instance: Resource-id
InstanceOf: SearchParameter
Usage: #definition
* insert SearchAll(_id, token, Resource.id, id, Logical id of the resource.)

Instance: Resource-lastUpdated
InstanceOf: SearchParameter
Usage: #definition
* insert SearchAll(_lastUpdated, date, Resource.meta.lastUpdated, lastUpdated, When the resource last changed.)

Instance: Patient-identifier
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, identifier, token, Patient.identifier, The BSN; in the body of a POST search only.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Patient-identifier"

Instance: Patient-birthdate
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, birthdate, date, Patient.birthDate, Birth date.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/individual-birthdate"

Instance: Patient-name
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, name, string, Patient.name, Any part of a name; in the body of a POST search only.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Patient-name"

Instance: Patient-family
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, family, string, Patient.name.family, Family name; in the body of a POST search only.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/individual-family"

Instance: Patient-active
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Patient, active, token, Patient.active, Whether the record is in use.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Patient-active"

Instance: Organization-identifier
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, identifier, token, Organization.identifier, The URA.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Organization-identifier"

Instance: Organization-name
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, name, string, Organization.name, Name.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Organization-name"

Instance: Organization-type
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, type, token, Organization.type, Organisation type.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Organization-type"

Instance: Organization-active
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Organization, active, token, Organization.active, Whether the organisation is still active.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Organization-active"

Instance: Consent-status
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, status, token, Consent.status, Status.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Consent-status"

Instance: Consent-patient
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, patient, reference, Consent.patient, The citizen.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/clinical-patient"
* target[0] = #Patient

Instance: Consent-date
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, date, date, Consent.dateTime, Moment of the choice.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/clinical-date"

Instance: Consent-category
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, category, token, Consent.category, Data category.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Consent-category"

Instance: Consent-organization
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, organization, reference, Consent.organization, The recording organisation.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Consent-organization"
* target[0] = #Organization

Instance: Consent-actor
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, actor, reference, Consent.provision.actor.reference | Consent.provision.provision.actor.reference, A holder place or requester place; R4 says the former only.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Consent-actor"
* target[0] = #Organization

Instance: Consent-origin
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Consent, origin, token, [[Consent.extension.where(url = 'https://akkoord.example/fhir/StructureDefinition/origin').value]], How the consent came to be.)

Instance: AuditEvent-date
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, date, date, AuditEvent.recorded, When the event was recorded.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-date"

Instance: AuditEvent-patient
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, patient, reference, [[AuditEvent.entity.what.where(reference.startsWith('Patient/')) | AuditEvent.agent.who.where(reference.startsWith('Patient/'))]], The citizen the event is about.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-patient"
* target[0] = #Patient

Instance: AuditEvent-type
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, type, token, AuditEvent.type, Type of event.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-type"

Instance: AuditEvent-subtype
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, subtype, token, AuditEvent.subtype, The interaction or operation.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-subtype"

Instance: AuditEvent-outcome
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, outcome, token, AuditEvent.outcome, How it ended.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-outcome"

Instance: AuditEvent-action
InstanceOf: SearchParameter
Usage: #definition
* insert Search(AuditEvent, action, token, AuditEvent.action, [[Create, read, update, delete or execute.]])
* derivedFrom = "http://hl7.org/fhir/SearchParameter/AuditEvent-action"
