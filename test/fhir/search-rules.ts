import { readdirSync, readFileSync } from 'node:fs';
import type { SearchParameter } from '@medplum/fhirtypes';
import { compileSearchRules } from '../../src/fhir/search-rule.ts';

const BUILT = new URL('../../profiles/built/', import.meta.url);

/** The search parameters of the profiles, compiled: the part of the conformance that searching needs. */
export function readSearchRules() {
  const names = readdirSync(BUILT).filter((name) => name.startsWith('SearchParameter-'));
  const read = (name: string) => JSON.parse(readFileSync(new URL(name, BUILT), 'utf8')) as SearchParameter;
  return { searchRules: compileSearchRules(names.map(read)) };
}
