import type { Resource } from '@medplum/fhirtypes';
import { Problem, problem } from '../problem.ts';
import type { Issue } from '../problem.ts';
import { baseIssues } from './base-structure.ts';
import { isObject } from './check-value.ts';
import { isCircular } from './contained.ts';
import { withoutVersion } from './code-set.ts';
import type { Conformance } from './conformance.ts';
import type { Structure } from './element-rule.ts';
import { finding, kindOf } from './finding.ts';
import { isWithinLimits, MAX_RESOURCE_VALUES } from './limits.ts';
import { walkChildren, walkInvariants } from './walk-element.ts';
import type { Walk } from './walk-element.ts';

const MAX_SHOWN = 50;
const R4 = 'http://hl7.org/fhir/StructureDefinition/';

/**
 * Checks a value against R4 and our profile of a resource type. Where there are several profiles, those named in
 * `meta.profile` count; when none is named, one that accepts the resource is enough. Never throws.
 *
 * @returns what is wrong, empty when nothing is; each issue names its element by FHIRPath.
 */
export function validate(conformance: Conformance, type: string, value: unknown): readonly Issue[] {
  if (!isObject(value) || value['resourceType'] !== type) return [finding('resource-type', type)];
  // Constraints cost a tenth of a millisecond each and more where they compare: what is too large is not worth any.
  if (!isWithinLimits(value, MAX_RESOURCE_VALUES)) {
    return [finding(isWithinLimits(value) ? 'resource-too-large' : 'json-depth', type)];
  }
  if (isCircular(value['contained'])) return [finding('contained-circular', `${type}.contained`)];
  const known = conformance.profiles.get(type) ?? [];
  const named = namedProfiles(value);
  const claimed = known.filter(({ url }) => named.some((name) => name.url === url));
  const strange = named.filter(({ url }) => url !== R4 + type && !known.some((profile) => profile.url === url));
  const own = [
    ...strange.map(({ path }) => finding('profile-unknown', `${type}.${path}`)),
    ...checkAll(value, known, claimed),
  ];
  return [...own, ...baseIssues(value, type).filter((issue) => !own.some((other) => isSame(issue, other)))];
}

/**
 * The value as a resource of the given type that our profile accepts.
 *
 * @throws Problem `malformed` (`resource-type`) when the value is no resource of that type, or with what `validate` finds
 *   when R4 itself cannot mean it (rule 15); `invalid` with what only our profile refuses. At most 50 issues.
 */
export function readResource<T extends Resource>(conformance: Conformance, type: T['resourceType'], value: unknown): T {
  if (!isObject(value) || value['resourceType'] !== type) {
    throw problem('malformed', 'resource-type', `The body is not a resource of type ${type}.`, type);
  }
  const issues = validate(conformance, type, value);
  const [first, ...rest] = issues;
  if (first !== undefined) throw new Problem(kindOf(issues), [first, ...rest.slice(0, MAX_SHOWN - 1)]);
  return value as unknown as T;
}

interface NamedProfile {
  readonly url: string;
  readonly path: string;
}

function namedProfiles({ meta }: Readonly<Record<string, unknown>>): readonly NamedProfile[] {
  const profiles: readonly unknown[] = isObject(meta) && Array.isArray(meta['profile']) ? meta['profile'] : [];
  return profiles.flatMap((url, index) =>
    typeof url === 'string' ? [{ url: withoutVersion(url), path: `meta.profile[${index}]` }] : [],
  );
}

function checkAll(
  value: Record<string, unknown>,
  known: readonly Structure[],
  claimed: readonly Structure[],
): readonly Issue[] {
  if (claimed.length > 0) return claimed.flatMap((structure) => checkOne(value, structure));
  let best: readonly Issue[] | undefined;
  for (const structure of known) {
    const issues = checkOne(value, structure);
    if (best === undefined || issues.length < best.length) best = issues;
    if (best.length === 0) break;
  }
  return best ?? [finding('resource-type', String(value['resourceType']))];
}

function checkOne(value: Record<string, unknown>, { type, children, invariants }: Structure): readonly Issue[] {
  const walk: Walk = { resource: value, issues: [] };
  walkChildren(walk, children, withoutType(value), type);
  if (walk.issues.length === 0) walkInvariants(walk, invariants, value, type);
  return walk.issues;
}

function withoutType(resource: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(resource).filter(([key]) => key !== 'resourceType'));
}

/** The base check repeats what the walk found, mostly without positions in lists; also inside what the walk refused. */
function isSame(base: Issue, own: Issue): boolean {
  const [theirs, ours] = [withoutPositions(base.expression ?? ''), withoutPositions(own.expression ?? '')];
  if (ours === theirs || (ours.includes('.') && isWithin(theirs, ours))) return true;
  return (base.code === 'element-invalid' || theirs.includes('.')) && isWithin(ours, theirs);
}

/** Inside an element, or the same choice element under the JSON name that tells its type. */
function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(outer) && /^[.A-Z]/.test(inner.slice(outer.length));
}

function withoutPositions(expression: string): string {
  return expression.replaceAll(/\[(?:[0-9]+|x)\]/g, '');
}
