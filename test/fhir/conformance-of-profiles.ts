import { loadConformance } from '../../src/fhir/conformance.ts';
import type { Conformance } from '../../src/fhir/conformance.ts';
import { readArtefacts } from '../profiles/read-artefacts.ts';

/** Our own profiles, compiled, with the newest catalogue. */
export function ownConformance(): Conformance {
  const folders = ['built', 'r4', 'catalogue/3960100'] as const;
  return loadConformance(folders.flatMap((folder) => [...readArtefacts(folder).values()]));
}
