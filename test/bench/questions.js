const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';

/** Holders and requesters of the sandbox that may ask each other. */
const PAIRS = [
  ['00000659', '00014332'],
  ['00000659', '00005098'],
  ['00014332', '00000659'],
  ['00005098', '00000666'],
  ['90000382', '00000659'],
];
/** Any number as long as a BSN: only its place in the text matters. */
const PLACEHOLDER = 'BSN-IS-IN';

function question([holder, requester]) {
  const parameter = [
    { name: 'patient', valueIdentifier: { system: BSN, value: PLACEHOLDER } },
    { name: 'holder', valueIdentifier: { system: URA, value: holder } },
    { name: 'requester', valueIdentifier: { system: URA, value: requester } },
  ];
  return JSON.stringify({ resourceType: 'Parameters', parameter }).split(PLACEHOLDER);
}

const QUESTIONS = PAIRS.map(question);

/** The body of one `$check`: about this citizen, between the `turn`th pair of organisations. */
export function questionAbout(bsn, turn) {
  const [before, after] = QUESTIONS[turn % QUESTIONS.length];
  return `${before}${bsn}${after}`;
}
