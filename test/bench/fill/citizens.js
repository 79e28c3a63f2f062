import { createHmac, randomBytes } from 'node:crypto';
import { isBsn } from '../../../dist/fhir/identifiers.js';
import { SANDBOX_CITIZENS } from '../../../dist/sandbox/people.js';
import { kindOf } from './templates.js';

/** All BSNs that nobody has: they start with 9999 and pass the eleven-test. There are some nine thousand. */
function madeUpBsns() {
  const taken = new Set(SANDBOX_CITIZENS.map(({ bsn }) => bsn));
  const numbers = Array.from({ length: 100_000 }, (_, index) => String(999_900_000 + index));
  return numbers.filter((text) => isBsn(text) && !taken.has(text));
}

/** Where of a hundred a citizen stands, the same in every run. */
function bucketOf(index) {
  return createHmac('sha256', 'bench').update(String(index)).digest().readUInt32BE() % 100;
}

/** Some chose about organisations that the bench asks about, most about others of the same kind. */
const ONE_IS_ASKED_ABOUT = 4;

/** Whom a citizen speaks of by name: a general practice and a pharmacy. */
function namedBy(index, { asked, others }) {
  if (index % ONE_IS_ASKED_ABOUT === 0) return asked;
  return {
    gp: others.gps[(index * 7919) % others.gps.length],
    pharmacy: others.pharmacies[index % others.pharmacies.length],
  };
}

/** Those citizens of so many who can be asked about: as many as there are numbers that nobody has, evenly among the others. */
export function drawAskable(count) {
  const spare = madeUpBsns();
  const step = Math.max(1, Math.floor(count / spare.length));
  const known = Array.from({ length: Math.min(spare.length, Math.ceil(count / step)) }, (_, at) => at * step);
  return known.map((index, at) => {
    return { index, bsn: spare[at], kind: kindOf(bucketOf(index), index % ONE_IS_ASKED_ABOUT === 0) };
  });
}

/** The columns of `citizenRows`. One who cannot be asked about has a key of chance. */
export const CITIZEN_COLUMNS = 'index, bucket, askable, patient_key, bsn_cipher, gp, pharmacy';

/** A row for every citizen. `named` are those of whom they may speak by name. */
export function* citizenRows({ vault, count, askable, named }) {
  const numbers = new Map(askable.map(({ index, bsn }) => [index, bsn]));
  const [{ bsn: spare }] = askable;
  for (let index = 0; index < count; index += 1) {
    const bsn = numbers.get(index);
    const key = bsn === undefined ? randomBytes(32) : vault.keyOf(bsn);
    const { gp, pharmacy } = namedBy(index, named);
    yield [index, bucketOf(index), bsn !== undefined, key, vault.seal(bsn ?? spare), gp, pharmacy];
  }
}
