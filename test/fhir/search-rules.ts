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

/** Made-up search parameters of `Basic`, for what ours do not have. */
export function madeRules(parameters: readonly Partial<SearchParameter>[]) {
  const made = parameters.map((one): SearchParameter => ({
    resourceType: 'SearchParameter',
    url: `urn:${one.code ?? ''}`,
    name: one.code ?? '',
    status: 'active',
    description: 'Made up.',
    code: one.code ?? '',
    base: ['Basic'],
    type: 'token',
    ...one,
  }));
  return { searchRules: compileSearchRules(made) };
}
