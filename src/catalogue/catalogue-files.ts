import { readCodeSystem, type Coding, type Concept } from './read-code-system.ts';
import { readConceptMap, type MapRow } from './read-concept-map.ts';
import { asObject, objects, text, type JsonObject } from './read-json.ts';

/** The FHIR terminology resources of one catalogue version, found by canonical address. */
export interface CatalogueFiles {
  readonly version: string;
  /** Concepts of the CodeSystem with this address. */
  readonly codes: (url: string) => ReadonlyMap<string, Concept>;
  /** Rows of the ConceptMap with this address. */
  readonly rows: (url: string) => readonly MapRow[];
  /** Codes that the ValueSet with this address lists one by one. */
  readonly listed: (url: string) => readonly Coding[];
}

/** Indexes parsed FHIR resources. Throws an Error when their versions differ or an address stands there twice. */
export function indexFiles(resources: readonly unknown[]): CatalogueFiles {
  const byAddress = new Map<string, JsonObject>();
  for (const resource of resources.map((item) => asObject(item, 'A catalogue resource'))) {
    const address = `${text(resource, 'resourceType', 'A catalogue resource')} ${text(resource, 'url', 'A resource')}`;
    if (byAddress.has(address)) throw new Error(`${address} stands in the catalogue twice.`);
    byAddress.set(address, resource);
  }
  const get = (address: string): JsonObject => asObject(byAddress.get(address), address);
  return {
    version: oneVersion(byAddress),
    codes: (url) => readCodeSystem(get(`CodeSystem ${url}`)),
    rows: (url) => readConceptMap(get(`ConceptMap ${url}`)),
    listed: (url) => readListed(get(`ValueSet ${url}`), url),
  };
}

function oneVersion(byAddress: ReadonlyMap<string, JsonObject>): string {
  const versions = new Set([...byAddress].map(([address, resource]) => text(resource, 'version', address)));
  const [version, ...others] = versions;
  if (version === undefined) throw new Error('The catalogue is empty.');
  if (others.length > 0) throw new Error(`The catalogue mixes versions ${[version, ...others].join(', ')}.`);
  return version;
}

function readListed(valueSet: JsonObject, url: string): readonly Coding[] {
  const compose = asObject(valueSet['compose'], `${url} compose`);
  return objects(compose, 'include', url).flatMap((include) => {
    const system = text(include, 'system', url);
    return objects(include, 'concept', url).map((concept) => ({ system, code: text(concept, 'code', url) }));
  });
}
