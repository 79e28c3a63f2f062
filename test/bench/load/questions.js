const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';

const parameters = (parameter) => ({ resourceType: 'Parameters', parameter });
const patient = (bsn) => ({ name: 'patient', valueIdentifier: { system: BSN, value: bsn } });
const organisation = (name, ura) => ({ name, valueIdentifier: { system: URA, value: ura } });

/** May this holder share with this requester what it has of this citizen? */
export function check(bsn, [holder, requester]) {
  return parameters([patient(bsn), organisation('holder', holder), organisation('requester', requester)]);
}

/** Many such questions in one. */
export function batch(questions) {
  return parameters(questions.map(({ parameter }) => ({ name: 'request', part: parameter })));
}
