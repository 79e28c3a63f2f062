import type { BundleEntry, OperationOutcome } from '@medplum/fhirtypes';
import { Problem, problem } from '../problem.ts';
import { isObject } from './check-value.ts';
import { parseStrictJson } from './strict-json.ts';

/** One Consent to migrate, as it came, or why it cannot be read. */
export type MigrationItem = { readonly value: unknown } | { readonly problem: Problem };

const BUNDLE_KEYS = new Set(['resourceType', 'id', 'meta', 'language', 'identifier', 'type', 'timestamp', 'entry']);
const ENTRY_KEYS = new Set(['id', 'fullUrl', 'resource']);

/** System of the codes in the outcome of an item that was not refused. */
const MIGRATION_OUTCOME_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/migration-outcome';

/**
 * Reads a collection of Consents; an entry that cannot be read fails by itself.
 * @throws Problem `malformed` for anything but a `collection` Bundle
 */
export function readCollection(value: unknown): MigrationItem[] {
  if (!isObject(value) || value['resourceType'] !== 'Bundle') throw malformed('Not a Bundle.', 'Bundle');
  const { type, entry = [] } = value;
  if (type !== 'collection') throw malformed('Not a collection.', 'Bundle.type');
  if (!Object.keys(value).every((key) => BUNDLE_KEYS.has(key))) {
    throw problem('malformed', 'element-unknown', 'An element that is not known here.', 'Bundle');
  }
  if (!Array.isArray(entry)) throw malformed('The entries are no list.', 'Bundle.entry');
  return entry.map(readEntry);
}

function readEntry(entry: unknown, at: number): MigrationItem {
  if (isObject(entry) && isObject(entry['resource']) && Object.keys(entry).every((key) => ENTRY_KEYS.has(key))) {
    return { value: entry['resource'] };
  }
  const text = 'An entry holds a resource, and its fullUrl if anything else.';
  return { problem: malformed(text, `Bundle.entry[${at}]`) };
}

/** Reads one line of NDJSON. Never throws. */
export function readMigrationLine(text: string): MigrationItem {
  try {
    return { value: parseStrictJson(text) };
  } catch (error) {
    if (error instanceof Problem) return { problem: error };
    throw error;
  }
}

/** What a migrated item says of itself when it was not refused. */
const SENTENCES = {
  created: 'The answers were recorded.',
  unchanged: 'The same answers were recorded before.',
  'skipped-citizen-decided': 'The citizen has decided about all of these answers: nothing was recorded.',
} as const;

export type MigrationCode = keyof typeof SENTENCES;

/** The OperationOutcome of an item that was not refused. */
export function migrationOutcome(code: MigrationCode): OperationOutcome {
  const details = { coding: [{ system: MIGRATION_OUTCOME_SYSTEM, code }], text: SENTENCES[code] };
  return { resourceType: 'OperationOutcome', issue: [{ severity: 'information', code: 'informational', details }] };
}

/** The text of a `batch-response` Bundle, piece by piece, each entry on a line of its own; none of it is kept. */
export async function* writeResponse(entries: AsyncIterable<readonly BundleEntry[]>): AsyncGenerator<string> {
  yield '{"resourceType":"Bundle","type":"batch-response"';
  let before = ',"entry":[\n';
  for await (const some of entries) {
    if (some.length === 0) continue;
    yield before + some.map((entry) => `${JSON.stringify(entry)}\n`).join(',');
    before = ',';
  }
  yield before === ',' ? ']}\n' : '}\n';
}

function malformed(text: string, expression: string): Problem {
  return problem('malformed', 'bundle-malformed', text, expression);
}
