import type { Issue } from '../problem.ts';
import type { CodeSet } from './code-set.ts';
import { isRealDate, isReversed } from './dates.ts';
import type { ElementRule, TypeRule } from './element-rule.ts';
import { finding } from './finding.ts';
import type { FindingCode } from './finding.ts';
import { equals, includes } from './fixed-value.ts';
import { isHarmlessNarrative } from './narrative.ts';
import { hasJsonType } from './primitive.ts';
import { hasRefusedCharacter } from './text.ts';

/** `Type/id`, also at the end of a URL, also of one version. Source: https://hl7.org/fhir/R4/references.html#literal */
const LITERAL =
  /^(?:https?:\/\/[^\s?#]+\/)?([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is wrong with a primitive value, `undefined` when nothing is. */
export function checkPrimitive(rule: ElementRule, type: TypeRule, value: unknown): FindingCode | undefined {
  if (value === undefined || value === null || value === '') return 'element-empty';
  if (!hasJsonType(type.code, value)) return 'type-wrong';
  if (typeof value === 'string') {
    const code = checkString(type.code, value);
    if (code !== undefined) return code;
  }
  if (!isAsFixed(rule, value)) return 'value-fixed';
  return rule.codes === undefined || (typeof value === 'string' && rule.codes.has(value)) ? undefined : 'code-unknown';
}

function checkString(type: string, value: string): FindingCode | undefined {
  if (hasRefusedCharacter(value)) return 'string-character';
  if (!isRealDate(type, value)) return 'date-invalid';
  return type !== 'xhtml' || isHarmlessNarrative(value) ? undefined : 'narrative-unsafe';
}

/** What is wrong with an object as a whole, its parts left aside. `path` is its FHIRPath. */
export function checkComplex(
  rule: ElementRule,
  type: TypeRule,
  value: Readonly<Record<string, unknown>>,
  path: string,
): readonly Issue[] {
  if (Object.keys(value).length === 0) return [finding('element-empty', path)];
  if (type.code === 'Resource') return [finding('contained-refused', path)];
  const issues: Issue[] = [];
  if (!isAsFixed(rule, value)) issues.push(finding('value-fixed', path));
  if (rule.codes !== undefined && !hasCode(rule.codes, type.code, value)) issues.push(finding('code-unknown', path));
  if (type.code === 'Period' && isReversedPeriod(value)) issues.push(finding('period-reversed', path));
  return type.code === 'Reference' ? [...issues, ...checkReference(type, value, path)] : issues;
}

function isAsFixed({ fixed, pattern }: ElementRule, value: unknown): boolean {
  return (fixed === undefined || equals(value, fixed)) && (pattern === undefined || includes(value, pattern));
}

/** Of a CodeableConcept one coding in the value set will do: https://hl7.org/fhir/R4/terminologies.html#required */
function hasCode(codes: CodeSet, type: string, value: Readonly<Record<string, unknown>>): boolean {
  const codings: readonly unknown[] = type === 'CodeableConcept' ? listOf(value['coding']) : [value];
  return codings.some((coding) => {
    if (!isObject(coding) || typeof coding['code'] !== 'string') return false;
    // A coding without a system is no code of any system.
    return codes.has(coding['code'], typeof coding['system'] === 'string' ? coding['system'] : '');
  });
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isReversedPeriod({ start, end }: Readonly<Record<string, unknown>>): boolean {
  return typeof start === 'string' && typeof end === 'string' && isReversed(start, end);
}

function checkReference(
  { targets }: TypeRule,
  { reference, type }: Readonly<Record<string, unknown>>,
  path: string,
): readonly Issue[] {
  const issues: Issue[] = [];
  const isType = (name: string): boolean => targets === undefined || targets.has(name);
  if (typeof type === 'string' && !isType(type)) issues.push(finding('reference-type', `${path}.type`));
  if (typeof reference !== 'string' || reference.startsWith('urn:')) return issues;
  const [, target] = LITERAL.exec(reference) ?? [];
  if (target === undefined) issues.push(finding('reference-invalid', `${path}.reference`));
  else if (!isType(target)) issues.push(finding('reference-type', `${path}.reference`));
  return issues;
}
