import { problem } from '../problem.ts';
import { findSubscribed } from '../storage/subscription.ts';
import type { Unit } from './unit.ts';

/**
 * Refuses a provider that has not registered this citizen: its subscription stands for the treatment relation (rule 17).
 * The citizen is noted first, so that the attempt is in their log.
 * @throws Problem forbidden unless the caller's organisation is subscribed for the citizen
 */
export async function requireSubscribed(unit: Unit, patientKey: Buffer): Promise<void> {
  const { caller, sql, register } = unit;
  unit.note({ patientKey });
  const ura = caller.role === 'holder' ? caller.ura : undefined;
  if (ura !== undefined) {
    const subscribed = await findSubscribed(sql, [patientKey], register.holderVaults.vaultOf(ura));
    if (subscribed.length > 0) return;
  }
  throw problem('forbidden', 'not-subscribed', 'This organisation has no subscription for this patient.');
}
