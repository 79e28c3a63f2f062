import { problem } from '../problem.ts';
import { isBsn } from './identifiers.ts';

const LONGEST_REASON = 1000;

/**
 * Why something is recorded, in the words of who records. It stays readable for everyone who may see the recording, so it
 * holds nobody's number.
 * @throws Problem `invalid` for one that is too long or holds a BSN
 */
export function readReason({ value, expression }: { readonly value: string; readonly expression: string }): string {
  if (value.length > LONGEST_REASON) {
    throw problem('invalid', 'reason-too-long', 'A reason has at most 1000 characters.', `${expression}.valueString`);
  }
  if (numbersIn(value).some(isBsn)) {
    throw problem('invalid', 'reason-with-bsn', 'A reason holds no BSN.', `${expression}.valueString`);
  }
  return value;
}

/** Every run of digits, also one that is written in groups: `900.186.021`, `900 186 021`. */
function numbersIn(text: string): string[] {
  return (text.match(/\d(?:[ .-]?\d)*/g) ?? []).flatMap((run) => [run.replace(/\D/g, ''), ...run.split(/\D/)]);
}
