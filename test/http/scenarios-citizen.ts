import { isBsn } from '../../src/fhir/identifiers.ts';
import { SANDBOX_CITIZENS } from '../../src/sandbox/people.ts';

const taken = new Set(SANDBOX_CITIZENS.map(({ bsn }) => bsn));
let last = 999910000;

/** The number of a citizen nobody has heard of in this test file: it passes the eleven-test and starts with 9999. */
export function freshCitizen(): string {
  do last += 1;
  while (!isBsn(String(last)) || taken.has(String(last)));
  return String(last);
}
