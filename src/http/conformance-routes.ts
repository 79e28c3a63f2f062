import type { Bundle, Resource } from '@medplum/fhirtypes';
import type { Conformance } from '../fhir/conformance.ts';
import { problem } from '../problem.ts';
import { listBundle } from './bundles-out.ts';
import type { PublicExchange } from './fhir-exchange.ts';
import type { PublicRoute } from './route-table.ts';

type Definitions = ReadonlyMap<string, Resource>;

/** Profiles, operations and terminology, for everyone to read: they are part of the product, not of the register. */
export function conformanceRoutes(conformance: Conformance): PublicRoute[] {
  const types: [string, Definitions][] = [
    ['StructureDefinition', conformance.structureDefinitions],
    ['OperationDefinition', conformance.operationDefinitions],
    ['SearchParameter', conformance.searchParameters],
    ['CodeSystem', conformance.codeSystems],
    ['ValueSet', conformance.valueSets],
    ['ConceptMap', conformance.conceptMaps],
  ];
  return types.flatMap(([type, definitions]): PublicRoute[] => [
    {
      method: 'GET',
      path: `/${type}/:id`,
      target: 'public',
      answer: ({ parameters }) => ({ status: 200, resource: readDefinition(definitions, parameters['id'] ?? '') }),
    },
    {
      method: 'GET',
      path: `/${type}`,
      target: 'public',
      answer: (exchange) => ({ status: 200, resource: searchDefinitions(exchange, type, definitions) }),
    },
  ]);
}

function readDefinition(definitions: Definitions, id: string): Resource {
  const found = [...definitions.values()].find((definition) => definition.id === id);
  if (found === undefined) throw problem('not-found', 'not-found', 'There is no such resource.');
  return found;
}

/** By `url`, `_id` or nothing: these are few and small enough to be answered whole. */
function searchDefinitions({ request, baseUrl }: PublicExchange, type: string, definitions: Definitions): Bundle {
  let found = [...definitions];
  for (const [name, value] of request.query) {
    if (name === 'url') found = found.filter(([url]) => url === value);
    else if (name === '_id') found = found.filter(([, { id }]) => id === value);
    else if (name !== '_format') {
      throw problem('malformed', 'search-parameter-unknown', 'Definitions are searched by url or _id only.');
    }
  }
  return listBundle(
    baseUrl,
    type,
    found.map(([, definition]) => definition),
  );
}
