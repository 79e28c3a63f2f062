import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes';

/** The codes a ValueSet allows. */
export interface CodeSet {
  /** Whether a coding is in the set. Without a system only the code counts, as for elements of type `code`. */
  has(code: string, system?: string): boolean;
}

/** What a ValueSet is expanded from, by canonical URL. */
export interface Terminology {
  readonly valueSets: ReadonlyMap<string, ValueSet>;
  readonly codeSystems: ReadonlyMap<string, CodeSystem>;
}

/** `system|code` of every member, and the systems whose members only a grammar can tell. */
interface Members {
  readonly codes: ReadonlySet<string>;
  readonly grammars: ReadonlySet<string>;
}

/** Code systems that are a grammar, not a list. Sources: BCP 13 (media types) and BCP 47 (languages). */
const GRAMMARS: ReadonlyMap<string, RegExp> = new Map([
  ['urn:ietf:bcp:13', /^[a-z]+\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}(;.{1,200})?$/],
  ['urn:ietf:bcp:47', /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,5}$/],
]);

/** A canonical URL without the version that may follow it. */
export function withoutVersion(canonical: string): string {
  return canonical.split('|', 1)[0] ?? canonical;
}

/**
 * Expands a ValueSet to its codes, once, at start: listed concepts, whole code systems with their hierarchy, other
 * ValueSets, `is-a`, `descendent-of` and `=` filters, excludes.
 *
 * @throws Error naming what is missing or cannot be expanded.
 */
export function expandValueSet(terminology: Terminology, canonical: string): CodeSet {
  const { codes, grammars } = membersOf(terminology, canonical, []);
  const plain = new Set([...codes].map((member) => member.slice(member.indexOf('|') + 1)));
  const fits = (system: string, code: string): boolean => GRAMMARS.get(system)?.test(code) === true;
  return {
    has(code, system) {
      if (system !== undefined) return codes.has(`${system}|${code}`) || (grammars.has(system) && fits(system, code));
      return plain.has(code) || [...grammars].some((grammar) => fits(grammar, code));
    },
  };
}

function membersOf(terminology: Terminology, canonical: string, within: readonly string[]): Members {
  const url = withoutVersion(canonical);
  const valueSet = terminology.valueSets.get(url);
  if (valueSet?.compose === undefined) throw new Error(`ValueSet ${url} is not there or says not what it is made of.`);
  if (within.includes(url)) throw new Error(`ValueSet ${url} is made of itself.`);
  const read = (include: ValueSetComposeInclude): Members => readInclude(terminology, include, [...within, url]);
  const included = valueSet.compose.include.map(read);
  const excluded = new Set((valueSet.compose.exclude ?? []).flatMap((exclude) => [...read(exclude).codes]));
  return {
    codes: new Set(included.flatMap(({ codes }) => [...codes]).filter((code) => !excluded.has(code))),
    grammars: new Set(included.flatMap(({ grammars }) => [...grammars])),
  };
}

/** An include means what is in its system part and in every ValueSet it names. */
function readInclude(terminology: Terminology, include: ValueSetComposeInclude, within: readonly string[]): Members {
  const parts = (include.valueSet ?? []).map((canonical) => membersOf(terminology, canonical, within));
  if (include.system !== undefined) parts.push(readSystem(terminology, include, include.system));
  const [first, ...rest] = parts;
  if (first === undefined) throw new Error(`An include of ValueSet ${within.at(-1) ?? ''} is empty.`);
  if (rest.length === 0) return first;
  const codes = [...first.codes].filter((code) => rest.every((other) => other.codes.has(code)));
  return { codes: new Set(codes), grammars: new Set() };
}

function readSystem(terminology: Terminology, include: ValueSetComposeInclude, system: string): Members {
  const codes = (list: readonly string[]): Members => ({
    codes: new Set(list.map((code) => `${system}|${code}`)),
    grammars: new Set(),
  });
  if (include.concept !== undefined) return codes(include.concept.map((concept) => concept.code));
  if (GRAMMARS.has(system)) return { codes: new Set(), grammars: new Set([system]) };
  const codeSystem = terminology.codeSystems.get(withoutVersion(system));
  if (codeSystem?.concept === undefined) throw new Error(`CodeSystem ${system} is not there with its codes.`);
  const all = flatten(codeSystem.concept, []);
  return codes(all.filter((item) => (include.filter ?? []).every((filter) => passes(item, filter))).map(codeOf));
}

interface PlacedConcept {
  readonly concept: CodeSystemConcept;
  readonly ancestors: readonly string[];
}

function codeOf({ concept }: PlacedConcept): string {
  return concept.code;
}

function flatten(concepts: readonly CodeSystemConcept[], ancestors: readonly string[]): PlacedConcept[] {
  return concepts.flatMap((concept) => [
    { concept, ancestors },
    ...flatten(concept.concept ?? [], [...ancestors, concept.code]),
  ]);
}

type Filter = NonNullable<ValueSetComposeInclude['filter']>[number];

function passes({ concept, ancestors }: PlacedConcept, { property, op, value }: Filter): boolean {
  if (property === 'concept' && op === 'is-a') return concept.code === value || ancestors.includes(value);
  if (property === 'concept' && op === 'descendent-of') return ancestors.includes(value);
  if (op !== '=') throw new Error(`The ValueSet filter ${property} ${op} is not supported.`);
  return (concept.property ?? []).some(
    (item) => item.code === property && (item.valueCode ?? item.valueString) === value,
  );
}
