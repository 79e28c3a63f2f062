import type { Coding, Identifier, Reference } from '@medplum/fhirtypes';
import type { Instant } from '../decision/question.ts';
import { readInstant } from './date-range.ts';

/** What each value[x] is read as. An instant becomes milliseconds since 1970. */
export interface ParameterValues {
  readonly valueIdentifier: Identifier & { readonly value: string };
  readonly valueCoding: Coding & { readonly code: string };
  readonly valueCode: string;
  readonly valueString: string;
  readonly valueReference: Reference & { readonly reference: string };
  readonly valueInstant: Instant;
  readonly valueBoolean: boolean;
  readonly valueInteger: number;
  readonly valueId: string;
}
export type ValueName = keyof ParameterValues;

const IDENTIFIER_KEYS = new Set(['id', 'use', 'type', 'system', 'value', 'period', 'assigner']);
const REFERENCE_KEYS = new Set(['id', 'reference', 'type']);
const CODING_KEYS = new Set(['id', 'system', 'version', 'code', 'display', 'userSelected']);
/** Source: https://hl7.org/fhir/R4/datatypes.html#code */
const CODE = /^[^\s]+(?: [^\s]+)*$/;
/** Source: https://hl7.org/fhir/R4/datatypes.html#id */
const ID = /^[A-Za-z0-9.-]{1,64}$/;
const LONGEST = 4000;

const READERS: { readonly [Name in ValueName]: (value: unknown) => ParameterValues[Name] | undefined } = {
  valueIdentifier: (value) => {
    const isRead = hasOnly(value, IDENTIFIER_KEYS) && isText(value['value']) && isOptionalText(value['system']);
    return isRead ? (value as unknown as ParameterValues['valueIdentifier']) : undefined;
  },
  valueCoding: (value) => {
    const isRead = hasOnly(value, CODING_KEYS) && isCode(value['code']) && isOptionalText(value['system']);
    return isRead ? (value as unknown as ParameterValues['valueCoding']) : undefined;
  },
  valueReference: (value) => {
    const isRead = hasOnly(value, REFERENCE_KEYS) && isText(value['reference']) && isOptionalText(value['type']);
    return isRead ? (value as unknown as ParameterValues['valueReference']) : undefined;
  },
  valueCode: (value) => (isCode(value) ? value : undefined),
  valueString: (value) => (isText(value) ? value : undefined),
  valueInstant: (value) => (typeof value === 'string' ? readInstant(value) : undefined),
  valueBoolean: (value) => (typeof value === 'boolean' ? value : undefined),
  valueInteger: (value) => (Number.isInteger(value) ? (value as number) : undefined),
  valueId: (value) => (typeof value === 'string' && ID.test(value) ? value : undefined),
};

/** Reads one value[x]; undefined when it is not exactly of that type. */
export function readValue<Name extends ValueName>(name: Name, value: unknown): ParameterValues[Name] | undefined {
  return READERS[name](value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST && value.trim() !== '';
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isCode(value: unknown): value is string {
  return isText(value) && CODE.test(value);
}

function hasOnly(value: unknown, keys: ReadonlySet<string>): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.keys(value).every((key) => keys.has(key));
}
