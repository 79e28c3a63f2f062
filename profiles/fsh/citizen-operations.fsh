// What citizens do with their own account: operations of Patient, about whoever calls. They name nobody.

Instance: settings
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(settings, Settings, true, [[Reads what the citizen has settled, and changes what is given; what is absent stays. It answers with what stands now.]])
* resource[0] = #Patient
* insert P(parameter, locked, in, 0, 1, [[The citizen lock: true lets no care provider record choices, but for an emergency grant to which the patient agreed on the spot.]])
* insert T(parameter, boolean)
* insert P(parameter, emailOn, in, 0, *, [[About which events an e-mail is wanted: those given replace all earlier ones. The code none, alone, wants no e-mail at all.]])
* insert T(parameter, code)
* insert V(parameter, email-event)
* insert P(parameter, ageGroup, in, 0, 1, [[What the citizen says of the own age. Refused (422) once a birth date is known, and under 16 (409) while choices stand that no parent confirmed.]])
* insert T(parameter, code)
* insert V(parameter, age-group)
* insert P(parameter, locked, out, 1, 1, Whether the citizen lock is on.)
* insert T(parameter, boolean)
* insert P(parameter, emailOn, out, 0, *, The events about which an e-mail is wanted.)
* insert T(parameter, code)
* insert V(parameter, wanted-email-event)
* insert P(parameter, ageGroup, out, 0, 1, [[The age group now: by the birth date, else what the citizen said; absent when nothing is known, which counts as an adult.]])
* insert T(parameter, code)
* insert V(parameter, age-group)
* insert P(parameter, ageGroupFixed, out, 1, 1, [[Whether a birth date fixes the age group, so that the citizen cannot set it.]])
* insert T(parameter, boolean)

Instance: delete-account
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(delete-account, DeleteAccount, true, [[Deletes the citizen's personal data and all choices, their history included: from then on nobody may share. The audit log stays, under a pseudonym.]])
* resource[0] = #Patient
* insert P(parameter, email, in, 0, 1, [[Where a confirmation is sent, at most three in a day; it is kept nowhere else. Without it none is sent.]])
* insert T(parameter, string)
* insert P(parameter, return, out, 1, 1, [[Says that it is done, and whether a mail confirms it.]])
* insert T(parameter, OperationOutcome)

Instance: access-log
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(access-log, AccessLog, false, [[The citizen's own log: who asked about which choice for whom, what others recorded, and what was refused; also from before there was an account. Newest first, in pages: the link next leads on.]])
* resource[0] = #Patient
* insert P(parameter, _count, in, 0, 1, [[Events on a page, 1 to 1000; 50 when absent.]])
* insert T(parameter, integer)
* insert P(parameter, _cursor, in, 0, 1, Where the page begins; stands in the link next.)
* insert T(parameter, string)
* insert P(parameter, return, out, 1, 1, [[The AuditEvents (searchset).]])
* insert T(parameter, Bundle)

CodeSystem: EmailEvent
Id: email-event
Title: "Event for an e-mail"
Description: "About what a citizen can get an e-mail. The e-mail says that there is something to see, never what."
* insert Published
* ^caseSensitive = true
* #choices-changed "Choices changed" "A choice was recorded, changed or withdrawn."
* #emergency "Emergency" "An emergency organisation recorded a grant."
* #lock-attempt "Attempt against the lock" "A care provider was refused because of the citizen lock."
* #family "Family" "A child proposes something, or a parent decided about it."
* #none "None" "No e-mail: what was wanted before is wanted no more."

CodeSystem: AgeGroup
Id: age-group
Title: "Age group"
Description: "Who manages an account and whose choices count at once depends on these ages, by the calendar of Amsterdam."
* insert Published
* ^caseSensitive = true
* #under-12 "Under 12" "A parent or guardian records in the child's account."
* #12-15 "12 to 15" "Manages the account alone; choices wait for a parent or guardian."
* #16-17 "16 or 17" "Choices count at once."
* #18-or-older "18 or older" "Can confirm what a child proposes."

ValueSet: EmailEventValues
Id: email-event
Title: "Event for an e-mail"
Description: "All events, and the word for none."
* insert Published
* include codes from system EmailEvent

ValueSet: WantedEmailEvent
Id: wanted-email-event
Title: "Event for which an e-mail is wanted"
Description: "All events."
* insert Published
* include codes from system EmailEvent
* exclude EmailEvent#none

ValueSet: AgeGroupValues
Id: age-group
Title: "Age group"
Description: "All age groups."
* insert Published
* include codes from system AgeGroup
