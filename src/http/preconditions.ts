import { problem } from '../problem.ts';

/**
 * The version an `If-Match` names: `W/"3"` is 3. Absent when the header is.
 * https://hl7.org/fhir/R4/http.html#concurrency
 * @throws Problem malformed when it names no version
 */
export function expectedVersion(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const match = /^(?:W\/)?"([1-9]\d{0,8})"$/.exec(ifMatch.trim());
  if (match === null) throw problem('malformed', 'if-match-malformed', 'If-Match must be an ETag such as W/"3".');
  return Number(match[1]);
}

/** True when the caller holds this version already, by ETag or else by date: then the answer is 304. */
export function isUnchanged(
  headers: { readonly ifNoneMatch?: string; readonly ifModifiedSince?: string },
  version: number,
  lastModified: number,
): boolean {
  if (headers.ifNoneMatch !== undefined) {
    return headers.ifNoneMatch
      .split(',')
      .some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === `"${version}"`);
  }
  if (headers.ifModifiedSince === undefined) return false;
  const since = Date.parse(headers.ifModifiedSince);
  return Number.isFinite(since) && Math.floor(lastModified / 1000) * 1000 <= since;
}

export type Preference = 'minimal' | 'representation' | 'OperationOutcome';

/** `Prefer: return=…`; unknown preferences are ignored (RFC 7240). */
export function returnPreference(prefer: string | undefined): Preference {
  const match = /(?:^|[;,\s])return\s*=\s*"?(minimal|representation|OperationOutcome)"?/.exec(prefer ?? '');
  return (match?.[1] ?? 'representation') as Preference;
}
