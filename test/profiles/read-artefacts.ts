import type { Resource, StructureDefinition } from '@medplum/fhirtypes';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROFILES = join(import.meta.dirname, '../../profiles');

/** The parsed files of a folder of `profiles/`, by file name. */
export function readArtefacts(folder: 'built' | 'r4' | 'catalogue/3960100'): ReadonlyMap<string, Resource> {
  const names = readdirSync(join(PROFILES, folder)).filter((name) => name.endsWith('.json'));
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(join(PROFILES, folder, name), 'utf8')) as Resource]),
  );
}

/** Our compiled profile with this id. */
export function readProfile(id: string): StructureDefinition {
  const profile = readArtefacts('built').get(`StructureDefinition-${id}.json`);
  if (profile?.resourceType !== 'StructureDefinition') throw new Error(`No profile ${id}.`);
  return profile;
}
