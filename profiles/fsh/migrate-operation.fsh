Instance: migrate
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(migrate, Migrate, true, [[A holder brings along what its patients answered before. A collection Bundle of Consents, or application/fhir+ndjson with one Consent on each line and no limit of length, which is answered while it is read. Each Consent has origin migration, is active, and answers for the calling organisation as the holder; the organisation is subscribed for the citizen. What a citizen has decided is never replaced. Sending the same again changes nothing.]])
* insert P(parameter, consents, in, 1, 1, [[The body itself: a collection of Consents, whose patient and organisation are identifiers or contained.]])
* insert T(parameter, Bundle)
* insert P(parameter, return, out, 1, 1, [[A batch-response: one entry for each Consent, in their order, with its status, its versioned location, and an OperationOutcome whose code is one of migration-outcome, or tells why it was refused.]])
* insert T(parameter, Bundle)

CodeSystem: MigrationOutcome
Id: migration-outcome
Title: "What became of a Consent that was migrated"
Description: "The codes in the OperationOutcome of an item that was not refused."
* insert Published
* ^caseSensitive = true
* #created "Created" "Recorded: version 1, or the next version of what was migrated before."
* #unchanged "Unchanged" "The same answers were recorded before."
* #skipped-citizen-decided "Skipped, the citizen decided" "The citizen has decided about all of its answers, or took them back: nothing was recorded."
