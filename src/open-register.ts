import { appendTogether } from './audit/append-together.ts';
import { readCatalogue } from './catalogue/read-catalogue.ts';
import type { Register } from './consent/register.ts';
import { type JudgeObserver, judgeTogether } from './consent/judge-together.ts';
import { type Conformance, loadConformance } from './fhir/conformance.ts';
import { readResources } from './read-resources.ts';

/** The register, with the catalogue that this terminology holds. */
export async function openRegister(
  parts: Omit<Register, 'catalogue' | 'conformance' | 'appendRefusal' | 'judge'>,
  terminology: readonly unknown[],
  observer?: JudgeObserver,
): Promise<Register> {
  const catalogue = readCatalogue(terminology);
  const conformance = await readConformance(terminology);
  const { database, log } = parts;
  const judge = judgeTogether({ database, log, catalogue, observer });
  return { ...parts, catalogue, conformance, appendRefusal: appendTogether(database, observer), judge };
}

async function readConformance(terminology: readonly unknown[]): Promise<Conformance> {
  const profiles = await Promise.all([readResources('r4'), readResources('built')]);
  return loadConformance([...profiles.flat(), ...terminology]);
}
