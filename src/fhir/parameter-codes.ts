import type { Catalogue } from '../catalogue/catalogue.ts';
import { DATA_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Question } from '../decision/question.ts';
import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';
import type { Bsn } from './identifiers.ts';
import { BSN_SYSTEM, PURPOSE_SYSTEM, readBsn, readRole, readUra, readUzi } from './identifiers.ts';
import { URA_SYSTEM, UZI_ROLE_SYSTEM, UZI_SYSTEM } from './identifiers.ts';
import type { ParameterValues } from './parameter-value.ts';

interface Given<Value> {
  readonly expression: string;
  readonly value: Value;
}
type GivenIdentifier = Given<ParameterValues['valueIdentifier']>;
type GivenCoding = Given<ParameterValues['valueCoding']>;

const PURPOSES: readonly Question['purpose'][] = ['TREAT', 'COC'];

/** The BSN an identifier holds. A system may be left out, a wrong one is refused. @throws Problem `malformed`. */
export function bsnOf(given: GivenIdentifier): Bsn {
  return readBsn(identified(given, BSN_SYSTEM), `${given.expression}.valueIdentifier.value`);
}

/** The organisation number an identifier holds. @throws Problem `malformed`. */
export function uraOf(given: GivenIdentifier): string {
  return readUra(identified(given, URA_SYSTEM), `${given.expression}.valueIdentifier.value`);
}

/** The number of a professional an identifier holds. @throws Problem `malformed`. */
export function uziOf(given: GivenIdentifier): string {
  return readUzi(identified(given, UZI_SYSTEM), `${given.expression}.valueIdentifier.value`);
}

/** @throws Problem `malformed` (form) or `invalid` (system). */
export function roleOf(given: GivenCoding): string {
  const { system, code } = given.value;
  if (!isOf(system, UZI_ROLE_SYSTEM)) throw unknownCode(given, 'unknown-role', 'Not a role of the known system.');
  return readRole(code, `${given.expression}.valueCoding.code`);
}

/** A known type of organisation, in care or outside it. @throws Problem `invalid` with the code that is passed. */
export function organisationTypeOf(catalogue: Catalogue, given: GivenCoding, code: string): string {
  const type = catalogue.organisationTypes.get(given.value.code);
  if (type !== undefined && isOf(given.value.system, type.system)) return type.code;
  throw unknownCode(given, code, 'Not a type of organisation in the catalogue.');
}

/** @throws Problem `invalid`, `unknown-data-category`. */
export function dataCategoryOf(catalogue: Catalogue, given: GivenCoding): string {
  const { system, code } = given.value;
  if (isOf(system, DATA_CATEGORY_SYSTEM) && catalogue.dataCategories.has(code)) return code;
  throw unknownCode(given, 'unknown-data-category', 'Not a data category in the catalogue.');
}

/** Treatment when nothing is given. @throws Problem `invalid`, `unknown-purpose`. */
export function purposeOf(given: GivenCoding | undefined): Question['purpose'] {
  if (given === undefined) return 'TREAT';
  const purpose = PURPOSES.find((known) => known === given.value.code);
  if (purpose !== undefined && isOf(given.value.system, PURPOSE_SYSTEM)) return purpose;
  throw unknownCode(given, 'unknown-purpose', 'The purpose is neither TREAT nor COC.');
}

function identified({ value, expression }: GivenIdentifier, system: string): string {
  if (isOf(value.system, system)) return value.value;
  const where = `${expression}.valueIdentifier.system`;
  throw problem('malformed', 'identifier-system', 'The identifier is of another system than the one asked for.', where);
}

function isOf(given: string | undefined, system: string): boolean {
  return given === undefined || given === system;
}

function unknownCode({ expression }: GivenCoding, code: string, text: string): Problem {
  return problem('invalid', code, text, `${expression}.valueCoding`);
}
