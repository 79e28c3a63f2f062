// The first three extensions are those that Mitz uses; their definitions are not public, so these are ours.

Extension: HolderBirthDate
Id: patient-birth-date
Title: "Birth date of the patient"
Description: "The birth date of the patient whom a holder registers; it fixes the age group."
Context: Subscription
* insert Published
* ^url = "http://fhir.nl/StructureDefinition/Patient.birthDate"
* url = "http://fhir.nl/StructureDefinition/Patient.birthDate" (exactly)
* value[x] 1..1
* value[x] only date

Extension: GatewaySystem
Id: gateway-system
Title: "Gateway system"
Description: "The gateway behind which the record lies."
Context: Subscription
* insert Published
* ^url = "http://fhir.nl/StructureDefinition/GatewaySystem"
* url = "http://fhir.nl/StructureDefinition/GatewaySystem" (exactly)
* value[x] 1..1
* value[x] only oid

Extension: SourceSystem
Id: source-system
Title: "Source system"
Description: "The system that holds the record."
Context: Subscription
* insert Published
* ^url = "http://fhir.nl/StructureDefinition/SourceSystem"
* url = "http://fhir.nl/StructureDefinition/SourceSystem" (exactly)
* value[x] 1..1
* value[x] only oid

Extension: NotificationSecret
Id: notification-secret
Title: "Notification secret"
Description: "The secret under which the notifications to this holder are signed. Written by the server alone, one for all subscriptions of a holder, and shown to nobody but that holder."
Context: Subscription
* insert Published
* value[x] 1..1
* value[x] only string

Profile: AkkoordSubscription
Parent: Subscription
Id: akkoord-subscription
Title: "Akkoord Subscription"
Description: "A holder's registration of a citizen as its patient: the register tells the holder of every change of what the citizen allows it, and finds it when somebody asks who has a record. Nobody but the holder sees it."
* insert Published
* obeys akk-sub-1
* meta.security 0..0
* meta.tag 0..0
* implicitRules 0..0
* language 0..0
* text 0..0
* contained 0..0
* modifierExtension 0..0
* extension 0..4
* extension contains HolderBirthDate named birthDate 0..1 and GatewaySystem named gatewaySystem 0..1 and SourceSystem named sourceSystem 0..1 and NotificationSecret named notificationSecret 0..1
* extension[birthDate].url = "http://fhir.nl/StructureDefinition/Patient.birthDate" (exactly)
* extension[gatewaySystem].url = "http://fhir.nl/StructureDefinition/GatewaySystem" (exactly)
* extension[sourceSystem].url = "http://fhir.nl/StructureDefinition/SourceSystem" (exactly)
* extension[notificationSecret].url = "https://akkoord.example/fhir/StructureDefinition/notification-secret" (exactly)

* status obeys akk-sub-2
* status ^short = "requested (the only one that is sent) | active | error"
* contact 0..0
* end 0..0
* reason = "OTV" (exactly)
* criteria obeys akk-sub-3
* criteria ^short = "Consent?_query=otv&patientid=<BSN>&providerid=<URA>&providertype=<type>"
* error 0..0

* insert Bare(channel)
* channel.type = #rest-hook (exactly)
* channel.endpoint 1..1
* channel.endpoint ^short = "Where notifications are posted: an absolute https address without user info or fragment"
* channel.endpoint obeys akk-sub-4
* channel.payload 1..1
* channel.payload = #application/fhir+json (exactly)
* channel.header 0..10
* channel.header ^short = "Sent along with every notification, one `Name: value` each"
* channel.header obeys akk-sub-5

Invariant: akk-sub-1
Description: "A subscription has no extensions but birth date, gateway system, source system and notification secret, each once, and none inside its elements; no contact, end, error, narrative, language, contained resources, implicit rules, security labels or tags."
Severity: #error
Expression: "extension.url.isDistinct() and extension.where(url in ('http://fhir.nl/StructureDefinition/Patient.birthDate' | 'http://fhir.nl/StructureDefinition/GatewaySystem' | 'http://fhir.nl/StructureDefinition/SourceSystem' | 'https://akkoord.example/fhir/StructureDefinition/notification-secret')).count() = extension.count() and modifierExtension.empty() and descendants().where(extension.exists() or modifierExtension.exists()).empty() and contact.empty() and end.empty() and error.empty() and text.empty() and language.empty() and contained.empty() and implicitRules.empty() and meta.security.empty() and meta.tag.empty()"

Invariant: akk-sub-2
Description: "A subscription is requested by its holder, and then active or in error."
Severity: #error
Expression: "$this in ('requested' | 'active' | 'error')"

Invariant: akk-sub-3
Description: "The criteria are Consent?_query=otv&patientid=<BSN>&providerid=<URA>&providertype=<type>, exactly these four in this order."
Severity: #error
Expression: "$this.matches('^Consent[?]_query=otv&patientid=[0-9]{9}&providerid=[0-9]{8}&providertype=[A-Z0-9]{1,8}$')"

Invariant: akk-sub-4
Description: "The endpoint is an absolute http(s) address of at most 1,000 characters, of printable ASCII, without user info or fragment."
Severity: #error
Expression: "$this.length() <= 1000 and $this.matches('^https?://[!-.0->A-~][!-~]*$') and $this.contains('#').not() and $this.matches('^https?://[^/?]*@').not()"

Invariant: akk-sub-5
Description: "A header is one line `Name: value` of printable ASCII, at most 2,000 characters; not Host, Connection, Expect, Keep-Alive, Transfer-Encoding, Upgrade, and nothing that begins with Content- or webhook-."
Severity: #error
Expression: "$this.length() <= 2000 and $this.matches('^[A-Za-z0-9!#$%&*+.^_|~-]+: ?[ -~]+$') and $this.lower().matches('^(host|connection|expect|keep-alive|transfer-encoding|upgrade|content-[^:]*|webhook-[^:]*) *:').not()"

Instance: Subscription-status
InstanceOf: SearchParameter
Usage: #definition
* insert Search(Subscription, status, token, Subscription.status, Status.)
* derivedFrom = "http://hl7.org/fhir/SearchParameter/Subscription-status"
