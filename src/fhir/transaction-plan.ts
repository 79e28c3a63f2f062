import { problem } from '../problem.ts';
import type { EntryMethod, EntryRequest } from './bundle.ts';

/** How the entries of a transaction are carried out. */
export interface TransactionPlan {
  /** DELETE, POST, PUT and PATCH, GET and HEAD; within each as given, but a POST of a Consent last. */
  readonly order: readonly EntryRequest[];
  /** Id that each resource to be created will have, by index of its entry. */
  readonly ids: ReadonlyMap<number, string>;
  /** What the fullUrls of the Bundle stand for: `urn:uuid:…` to `Patient/4f1…`. */
  readonly references: ReadonlyMap<string, string>;
}

/** https://hl7.org/fhir/R4/http.html#trules */
const RANK: Readonly<Record<EntryMethod, number>> = { DELETE: 0, POST: 1, PUT: 2, PATCH: 2, GET: 3, HEAD: 3 };

/**
 * Plans a transaction. Ids of new resources are given out beforehand, so that resources can refer to each other.
 *
 * @param newId a fresh logical id on every call
 * @param matches what conditional entries were found to be about, as `Type/id` by index; a conditional create or update
 *   that is not among them creates
 * @throws Problem `malformed` when two entries are about the same resource
 */
export function planTransaction(
  entries: readonly EntryRequest[],
  newId: () => string,
  matches: ReadonlyMap<number, string>,
): TransactionPlan {
  const ids = new Map<number, string>();
  const references = new Map<string, string>();
  const changed = new Set<string>();
  for (const entry of entries) {
    const known = targetOf(entry, matches);
    const target = known ?? (isCreating(entry) ? `${entry.segments[0] ?? ''}/${newId()}` : undefined);
    if (target === undefined) continue;
    if (known === undefined) ids.set(entry.index, target.slice(target.indexOf('/') + 1));
    if (entry.fullUrl !== undefined) references.set(entry.fullUrl, target);
    if (!isReading(entry)) requireFirst(changed, target, entry);
  }
  return { order: [...entries].sort((one, other) => rankOf(one) - rankOf(other)), ids, references };
}

/** Consents go after what they may refer to, which must be there when they are judged. */
function rankOf({ method, segments }: EntryRequest): number {
  return RANK[method] + (method === 'POST' && segments[0] === 'Consent' ? 0.5 : 0);
}

function targetOf({ index, method, segments }: EntryRequest, matches: ReadonlyMap<number, string>): string | undefined {
  const isInstance = segments.length === 2 && method !== 'POST' && !segments.some((name) => /^[_$]/.test(name));
  return isInstance ? segments.join('/') : matches.get(index);
}

/** POST on a type, or a conditional PUT on a type. */
function isCreating({ method, segments }: EntryRequest): boolean {
  return (method === 'POST' || method === 'PUT') && segments.length === 1 && /^[A-Z]/.test(segments[0] ?? '');
}

function isReading({ method }: EntryRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A conditional create that found its resource changes nothing, but must still not meet a change of it. */
function requireFirst(changed: Set<string>, target: string, { index }: EntryRequest): void {
  if (changed.has(target)) {
    const text = 'Two entries of a transaction are about the same resource.';
    throw problem('malformed', 'transaction-duplicate', text, `Bundle.entry[${index}]`);
  }
  changed.add(target);
}
