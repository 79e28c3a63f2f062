import { URLSearchParams } from 'node:url';

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

/** Who may share with this requester? */
export function locate(bsn, requester) {
  return parameters([patient(bsn), organisation('requester', requester)]);
}

/** What a citizen chose together with a holder, about that holder. */
export function choose(bsn, holder, decision) {
  const answer = [
    organisation('holder', holder),
    { name: 'requesterCategory', valueCode: 'RPZAC001' },
    { name: 'decision', valueCode: decision },
  ];
  const way = { name: 'way', valueCode: 'together' };
  return parameters([patient(bsn), { name: 'option', valueCode: 'certain' }, way, { name: 'answer', part: answer }]);
}

/** The Consents of a citizen that a holder may see, as a form. */
export function search(bsn) {
  return new URLSearchParams({ 'patient.identifier': `${BSN}|${bsn}` }).toString();
}
