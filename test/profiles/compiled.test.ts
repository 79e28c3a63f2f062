import type { ElementDefinition, Resource, StructureDefinition } from '@medplum/fhirtypes';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compileRule, rulesOf } from './broken-rules.ts';
import { readArtefacts } from './read-artefacts.ts';

const built = [...readArtefacts('built').values()];
const everything = [...built, ...readArtefacts('r4').values(), ...readArtefacts('catalogue/3960100').values()];
const addresses = new Set(everything.map((resource) => ('url' in resource ? resource.url : undefined)));
const definitions = built.filter((resource) => resource.resourceType === 'StructureDefinition');
const named = definitions.map((definition): [string, StructureDefinition] => [definition.url, definition]);

describe.each(named)('%s', (_url, definition) => {
  const elements = standing(definition);

  it('has a snapshot and says nothing about when it was made', () => {
    expect(elements.length).toBeGreaterThan(3);
    expect(definition).not.toHaveProperty('date');
    expect(definition).not.toHaveProperty('text');
  });

  it('binds only to value sets that are here', () => {
    const bound = elements.filter(({ binding }) => binding?.strength === 'required');
    const missing = bound.filter(({ binding }) => !addresses.has(binding?.valueSet?.split('|')[0]));
    expect(missing.map(({ id, binding }) => `${String(id)} ${String(binding?.valueSet)}`)).toEqual([]);
  });

  it('uses only types and extensions that are here', () => {
    const used = elements.flatMap(({ type = [] }) => type.flatMap(({ profile, code }) => profile ?? typeAddress(code)));
    expect(used.filter((url) => !addresses.has(url))).toEqual([]);
  });

  it('has rules that FHIRPath understands, each an error with a sentence', () => {
    for (const rule of rulesOf(definition)) {
      expect(rule).toMatchObject({ severity: 'error', human: expect.stringMatching(/^[A-Z].*[.]$/) as string });
      expect(() => compileRule(rule)).not.toThrow();
    }
  });
});

describe('what is compiled', () => {
  it('has one address for each resource', () => {
    const urls = built.map((resource) => `${resource.resourceType} ${String('url' in resource && resource.url)}`);
    expect(new Set(urls)).toHaveProperty('size', urls.length);
  });

  it('tells an extension of a consent by its url, inside the snapshot too', () => {
    const consent = definitions.find(({ id }) => id === 'akkoord-consent');
    const urls = consent?.snapshot?.element.filter(({ id }) => /^Consent[.]extension:\w+[.]url$/.test(id ?? ''));
    expect(urls?.map(({ fixedUri }) => fixedUri).sort()).toEqual([
      'https://akkoord.example/fhir/StructureDefinition/catalogue-version',
      'https://akkoord.example/fhir/StructureDefinition/grant-reason',
      'https://akkoord.example/fhir/StructureDefinition/origin',
      'https://akkoord.example/fhir/StructureDefinition/patient-agreed',
    ]);
  });

  it.each(ofType(built, 'SearchParameter').map((item): [string, string] => [item.url, String(item.expression)]))(
    'searches by %s without asking another server',
    (url, expression) => {
      expect(() =>
        compileRule({ path: 'Resource', expression, key: url, severity: 'error', human: url }),
      ).not.toThrow();
      expect(expression).not.toContain('resolve()');
    },
  );

  it.each(['check', 'choose', 'profile', 'grant-emergency', 'end-emergency'])(
    'gives every parameter of $%s a type or parts, and its value set is here',
    (code) => {
      const operation = ofType(built, 'OperationDefinition').find((item) => item.code === code);
      const parameters = (operation?.parameter ?? []).flatMap((item) => [item, ...(item.part ?? [])]);
      expect(parameters.filter(({ type, part }) => (type === undefined) === (part === undefined))).toEqual([]);
      const bound = parameters.flatMap(({ binding }) => binding?.valueSet ?? []);
      expect(bound.filter((url) => !addresses.has(url))).toEqual([]);
    },
  );

  it('lists only codes of systems that are here or HL7 has published', () => {
    const systems = ofType(built, 'ValueSet').flatMap(({ compose }) => compose?.include.map(({ system }) => system));
    expect(systems.filter((url) => !addresses.has(url) && !url?.startsWith('http://terminology.hl7.org/'))).toEqual([]);
  });

  it('is what its sources say', () => {
    const script = join(import.meta.dirname, '../../profiles/compile.js');
    const run = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect([run.status, run.stdout]).toEqual([0, '']);
  }, 60_000);
});

/** Elements that an instance can have: not forbidden, and not inside a forbidden one. */
function standing(definition: StructureDefinition): readonly ElementDefinition[] {
  const elements = definition.snapshot?.element ?? [];
  const forbidden = elements.filter(({ max }) => max === '0').map(({ id }) => String(id));
  return elements.filter(({ id }) => !forbidden.some((other) => id === other || id?.startsWith(`${other}.`)));
}

function typeAddress(code: string | undefined): string[] {
  const isSystemType = code === undefined || code.startsWith('http://hl7.org/fhirpath/');
  return isSystemType ? [] : [`http://hl7.org/fhir/StructureDefinition/${code}`];
}

function ofType<T extends Resource['resourceType']>(resources: readonly Resource[], type: T) {
  return resources.filter((item): item is Extract<Resource, { resourceType: T }> => item.resourceType === type);
}
