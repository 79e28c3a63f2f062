import type { Bundle, BundleEntry, OperationOutcome, Resource } from '@medplum/fhirtypes';

/** What became of one entry of a batch or transaction. */
export interface EntryAnswer {
  /** HTTP status. */
  readonly status: number;
  /** Absolute, or relative to the base. */
  readonly location?: string;
  readonly etag?: string;
  /** Milliseconds since 1970. */
  readonly lastModified?: number;
  readonly resource?: Resource;
  readonly outcome?: OperationOutcome;
}

/**
 * The answer to a batch or transaction, entry by entry in the order they came.
 *
 * @param answers by index of the entry
 * @throws Error when an entry has no answer
 */
export function responseBundle(
  type: 'batch' | 'transaction',
  length: number,
  answers: ReadonlyMap<number, EntryAnswer>,
): Bundle {
  const entry = Array.from({ length }, (_, index) => {
    const answer = answers.get(index);
    if (answer === undefined) throw new Error('An entry has no answer.');
    return responseEntry(answer);
  });
  return { resourceType: 'Bundle', type: `${type}-response`, ...(length > 0 && { entry }) };
}

/** One entry of the answer to a batch. */
export function responseEntry({ status, location, etag, lastModified, resource, outcome }: EntryAnswer): BundleEntry {
  return {
    ...(resource !== undefined && { resource }),
    response: {
      status: String(status),
      ...(location !== undefined && { location }),
      ...(etag !== undefined && { etag }),
      ...(lastModified !== undefined && { lastModified: new Date(lastModified).toISOString() }),
      ...(outcome !== undefined && { outcome }),
    },
  };
}
