// A child's choices and a parent: operations of Consent, about whoever calls. They name nobody.

CodeSystem: FamilyDecision
Id: family-decision
Title: "Decision of a parent"
Description: "What a parent or guardian decides about all that a child proposes."
* insert Published
* ^caseSensitive = true
* #confirm "Confirm" "The answers count from now on."
* #reject "Reject" "Yes becomes nothing; no stays in force."

ValueSet: FamilyDecisionValues
Id: family-decision
Title: "Decision of a parent"
Description: "Both decisions."
* insert Published
* include codes from system FamilyDecision

// An answer that waits, as the parent sees it.
RuleSet: ProposedAnswer
* insert P(parameter, answer, out, 0, *, An answer that waits.)
* insert P(parameter[=].part, holderPlace, out, 1, 1, Category or organisation that holds the data.)
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, requesterPlace, out, 1, 1, Category or organisation that may or may not get it.)
* insert T(parameter[=].part, Identifier)
* insert P(parameter[=].part, decision, out, 1, 1, Yes or no.)
* insert T(parameter[=].part, code)
* insert V(parameter[=].part, decision)
* insert P(parameter[=].part, new, out, 1, 1, Whether it differs from what was confirmed before.)
* insert T(parameter[=].part, boolean)

Instance: pairing-code
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(pairing-code, PairingCode, true, [[Gives a young person under 16 a code for exactly the choices that wait now. A parent or guardian enters it in the own account. It counts once, for 15 minutes and at most 5 wrong tries; a new one ends the one before.]])
* insert P(parameter, code, out, 1, 1, [[8 letters and digits, no two of which look alike.]])
* insert T(parameter, string)
* insert P(parameter, expires, out, 1, 1, The moment from which it counts no longer.)
* insert T(parameter, instant)
* insert P(parameter, summary, out, 1, 1, [[How many answers wait, and how many of them are yes and no.]])
* insert T(parameter, string)

Instance: review
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(review, Review, false, [[Shows a parent or guardian what the child proposes. The code stays good. A code that does not count here is refused (422), whatever the reason; one for an older version of the choices too (409).]])
* insert P(parameter, code, in, 1, 1, [[The code from the child's screen; small letters, spaces and hyphens do not matter.]])
* insert T(parameter, string)
* insert ProposedAnswer

Instance: confirm
InstanceOf: OperationDefinition
Usage: #definition
* insert Operation(confirm, Confirm, true, [[A parent or guardian, known to be 18 or older, confirms or rejects exactly what the code is for, in the own account. Both must agree to share and one suffices to refuse: rejecting leaves what the child refused in force. Refused codes as with $review.]])
* insert P(parameter, code, in, 1, 1, [[The code from the child's screen; small letters, spaces and hyphens do not matter.]])
* insert T(parameter, string)
* insert P(parameter, decision, in, 1, 1, [[Confirm or reject.]])
* insert T(parameter, code)
* insert V(parameter, family-decision)
* insert P(parameter, decision, out, 1, 1, What was decided.)
* insert T(parameter, code)
* insert V(parameter, family-decision)
* insert ProposedAnswer
