import { AppendTogether } from './audit/append-together.ts';
import { readCatalogue } from './catalogue/read-catalogue.ts';
import type { Register } from './consent/register.ts';
import { type Conformance, loadConformance } from './fhir/conformance.ts';
import { readResources } from './read-resources.ts';

/** The register, with the catalogue that this terminology holds. */
export async function openRegister(
  parts: Omit<Register, 'catalogue' | 'conformance' | 'refusals'>,
  terminology: readonly unknown[],
): Promise<Register> {
  const catalogue = readCatalogue(terminology);
  const conformance = await readConformance(terminology);
  return { ...parts, catalogue, conformance, refusals: new AppendTogether(parts.database) };
}

async function readConformance(terminology: readonly unknown[]): Promise<Conformance> {
  const profiles = await Promise.all([readResources('r4'), readResources('built')]);
  return loadConformance([...profiles.flat(), ...terminology]);
}
