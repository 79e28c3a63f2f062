import type { ConsentVersion } from './consent-profile.ts';
import type { DenyReason, PermitReason } from './decision.ts';

/** What the rules concluded, before the question's own facts are added. */
export type Verdict =
  | { readonly decision: 'permit'; readonly reason: PermitReason; readonly basedOn: readonly ConsentVersion[] }
  | { readonly decision: 'deny'; readonly reason: DenyReason; readonly basedOn: readonly ConsentVersion[] };

/** A permit resting on the consents of `grounds`. */
export function permit(reason: PermitReason, grounds: readonly Ground[]): Verdict {
  return { decision: 'permit', reason, basedOn: sourcesOf(grounds) };
}

/** A deny resting on the consents of `grounds`; without grounds it rests on nothing recorded. */
export function deny(reason: DenyReason, grounds: readonly Ground[] = []): Verdict {
  return { decision: 'deny', reason, basedOn: sourcesOf(grounds) };
}

interface Ground {
  readonly source: ConsentVersion;
}

/** Rule 13. */
function sourcesOf(grounds: readonly Ground[]): readonly ConsentVersion[] {
  return [...new Set(grounds.map((ground) => ground.source))].sort();
}
