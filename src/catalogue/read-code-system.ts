import type { Names } from './catalogue.ts';
import { asObject, objects, text, type JsonObject } from './read-json.ts';

export interface Coding {
  readonly system: string;
  readonly code: string;
}

export interface Concept {
  readonly code: string;
  readonly names: Names;
  /** The codes this one is nested in, outermost first. */
  readonly within: readonly string[];
  /** The values of each property, in the order of the file. */
  readonly properties: ReadonlyMap<string, readonly Coding[]>;
}

/**
 * Every concept of a FHIR CodeSystem by its code, in the order of the file, nested ones after the one that holds them.
 * The display is the Dutch name, the designation in `en` the English one. Throws an Error that names the code.
 */
export function readCodeSystem(resource: JsonObject): ReadonlyMap<string, Concept> {
  const system = text(resource, 'url', 'A CodeSystem');
  const concepts = new Map<string, Concept>();
  for (const item of objects(resource, 'concept', system)) addConcept(concepts, item, [], system);
  return concepts;
}

function addConcept(into: Map<string, Concept>, item: JsonObject, within: readonly string[], system: string): void {
  const code = text(item, 'code', `A concept of ${system}`);
  if (within.includes(code)) throw new Error(`Code ${code} of ${system} contains itself.`);
  if (into.has(code)) throw new Error(`Code ${code} of ${system} stands there twice.`);
  into.set(code, { code, names: readNames(item, code), within, properties: readProperties(item, code) });
  for (const inner of objects(item, 'concept', code)) addConcept(into, inner, [...within, code], system);
}

function readNames(item: JsonObject, code: string): Names {
  const english = objects(item, 'designation', code).find((designation) => designation['language'] === 'en');
  if (english === undefined) throw new Error(`Code ${code} has no English name.`);
  return { nl: text(item, 'display', `Code ${code}`), en: text(english, 'value', `The English name of ${code}`) };
}

function readProperties(item: JsonObject, code: string): ReadonlyMap<string, readonly Coding[]> {
  const properties = new Map<string, Coding[]>();
  for (const property of objects(item, 'property', code)) {
    const name = text(property, 'code', `A property of ${code}`);
    const coding = asObject(property['valueCoding'], `Property ${name} of ${code}`);
    properties.set(name, [...(properties.get(name) ?? []), readCoding(coding, `Property ${name} of ${code}`)]);
  }
  return properties;
}

function readCoding(coding: JsonObject, what: string): Coding {
  return { system: text(coding, 'system', what), code: text(coding, 'code', what) };
}
