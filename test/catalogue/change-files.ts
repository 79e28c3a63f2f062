import { readCatalogueFiles } from './read-files.ts';

interface Row {
  code: string;
  target: { code?: string; equivalence: string; comment?: string }[];
}
export interface Concept {
  code: string;
  display: string;
  designation: { language: string; value: string }[];
  property?: { code: string; valueCoding: { system: string; code: string } }[];
  concept?: Concept[];
}
/** As much of the three resource types as the tests change. */
interface Resource {
  resourceType: string;
  id: string;
  url: string;
  version: string;
  concept: Concept[];
  group: { source: string; target: string; element: Row[] }[];
  compose: { include: { system: string; concept: { code: string }[] }[] };
}

/** The catalogue's files as data that a test may edit, found by type and name. */
export class Files {
  readonly resources = readCatalogueFiles() as Resource[];

  get(type: 'CodeSystem' | 'ConceptMap' | 'ValueSet', name: string): Resource {
    const found = this.resources.find((item) => item.resourceType === type && item.id === `${name}-3960100`);
    if (!found) throw new Error(`No ${type} ${name}.`);
    return found;
  }

  concepts(name: string): Concept[] {
    return this.get('CodeSystem', name).concept;
  }

  concept(name: string, code: string): Concept {
    const found = this.concepts(name).find((concept) => concept.code === code);
    if (!found) throw new Error(`No ${code} in ${name}.`);
    return found;
  }

  rows(name: string): Row[] {
    return this.get('ConceptMap', name).group.flatMap((group) => group.element);
  }

  row(name: string, code: string): Row {
    const found = this.rows(name).find((row) => row.code === code);
    if (!found) throw new Error(`No row ${code} in ${name}.`);
    return found;
  }

  /** Puts another code in the property of a question, or of another concept; `null` takes the property away. */
  answer(code: string, property: string, value: string | null, name = 'consent-question'): void {
    const concept = this.concept(name, code);
    const properties = concept.property ?? [];
    if (value === null) concept.property = properties.filter((item) => item.code !== property);
    else for (const item of properties) if (item.code === property) item.valueCoding.code = value;
  }
}
