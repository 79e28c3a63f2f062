import type { Target } from '../auth/permissions.ts';

/** Kinds of work, the most urgent first. */
export const LANES = ['urgent', 'emergency', 'prompt', 'ordinary', 'bulk'] as const;
export type Lane = (typeof LANES)[number];

/** Longest body of a single question, in bytes: what is longer asks many at once. */
const LONGEST_QUESTION = 16 * 1024;

/** What somebody waits for at a bedside, and what a citizen decides. Reads and searches are ordinary. */
const LANE_OF: Readonly<Record<string, Lane>> = {
  'Consent.check': 'urgent',
  'Consent.grant-emergency': 'emergency',
  'Consent.locate': 'prompt',
  'Consent.choose': 'prompt',
  'Consent.confirm': 'prompt',
  'Consent.end-emergency': 'prompt',
  'Consent.create': 'prompt',
  'Consent.update': 'prompt',
  'Consent.patch': 'prompt',
  'Consent.delete': 'prompt',
  'Consent.migrate': 'bulk',
  batch: 'bulk',
};

/** The lane of a request. @param size of its body, in bytes */
export function laneOf(target: Target, size: number): Lane {
  const lane = LANE_OF[target] ?? 'ordinary';
  return lane === 'urgent' && size > LONGEST_QUESTION ? 'bulk' : lane;
}
