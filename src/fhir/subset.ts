import type { Resource } from '@medplum/fhirtypes';
import type { Conformance } from './conformance.ts';
import type { SearchPage } from './search-page.ts';

const ALWAYS = ['resourceType', 'id', 'meta'];
const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/**
 * The part of a resource that `_summary` or `_elements` asks for, marked as a part; mandatory elements always stay.
 * https://hl7.org/fhir/R4/search.html#summary
 */
export function subset<T extends Resource>(
  conformance: Conformance,
  resource: T,
  { summary, elements }: Pick<SearchPage, 'summary' | 'elements'>,
): T {
  if (elements !== undefined) return keep(conformance, resource, (name) => elements.includes(name));
  if (summary === 'true') {
    const listed = topElements(conformance, resource, ({ isSummary }) => isSummary === true);
    return keep(conformance, resource, (name) => listed.has(name));
  }
  if (summary === 'text') return keep(conformance, resource, (name) => name === 'text');
  return summary === 'data' ? keep(conformance, resource, (name) => name !== 'text') : resource;
}

function keep<T extends Resource>(conformance: Conformance, resource: T, wanted: (name: string) => boolean): T {
  const mandatory = topElements(conformance, resource, ({ min }) => (min ?? 0) > 0);
  const kept = Object.entries(resource).filter(
    ([name]) => ALWAYS.includes(name) || mandatory.has(name) || wanted(name),
  );
  const meta = { ...resource.meta, tag: [...(resource.meta?.tag ?? []), SUBSETTED] };
  return { ...(Object.fromEntries(kept) as T), meta };
}

interface TopElement {
  readonly isSummary?: boolean;
  readonly min?: number;
}

function topElements(
  { structureDefinitions }: Conformance,
  { resourceType }: Resource,
  test: (element: TopElement) => boolean,
) {
  const definition = structureDefinitions.get(`http://hl7.org/fhir/StructureDefinition/${resourceType}`);
  const names = (definition?.snapshot?.element ?? []).flatMap((element) => {
    const [, name, ...deeper] = element.path.split('.');
    return name !== undefined && deeper.length === 0 && test(element) ? [name] : [];
  });
  return new Set(names);
}
