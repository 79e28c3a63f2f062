import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { validate } from '../../src/fhir/validate.ts';
import { ownConformance } from './conformance-of-profiles.ts';

interface Row {
  readonly example: string;
  readonly verdict: 'accept' | 'refuse';
  readonly why: readonly string[];
}

const EXAMPLES = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
const TYPES = { Consent: 12, Patient: 22, Organization: 13, AuditEvent: 9 };

const conformance = ownConformance();
const table = JSON.parse(readFileSync(join(import.meta.dirname, 'hl7-examples.json'), 'utf8')) as readonly Row[];
const names = readdirSync(EXAMPLES)
  .filter((name) => /^(Consent|Patient|Organization|AuditEvent)-.+\.json$/.test(name))
  .map((name) => name.slice(0, -'.json'.length));

/** Parsed anew for each test: nothing may depend on what an earlier look left behind. */
function readExample(name: string): { resourceType: string } {
  return JSON.parse(readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')) as { resourceType: string };
}

describe("HL7's R4 examples", () => {
  it.each(Object.entries(TYPES))('are all here for %s', (type, count) => {
    const here = names.filter((name) => name.startsWith(`${type}-`)).sort();
    expect(here).toHaveLength(count);
    expect(table.map(({ example }) => example).filter((name) => name.startsWith(`${type}-`))).toEqual(here);
  });

  it.each(table.map((row): [string, string, Row] => [row.verdict, row.example, row]))('%s %s', (_, name, row) => {
    const example = readExample(name);
    const issues = validate(conformance, example.resourceType, example);
    expect(issues.map(({ code, expression }) => `${code} ${expression ?? ''}`)).toEqual(row.why);
    expect(issues.length === 0 ? 'accept' : 'refuse').toBe(row.verdict);
  });

  it('are refused with sentences that repeat nothing of them', () => {
    const texts = table.flatMap(({ example }) => {
      const resource = readExample(example);
      return validate(conformance, resource.resourceType, resource).map(({ text }) => text);
    });
    expect(texts.filter((text) => /\d{5}|@/.test(text))).toEqual([]);
  });
});
