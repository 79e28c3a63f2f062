import type { Consent } from '@medplum/fhirtypes';
import type { StoredRule } from '../decision/stored-rule.ts';
import { isGrant } from '../fhir/consent-resource.ts';
import { problem } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import type { ConsentRow } from '../storage/consent.ts';
import { draftConsent } from './consent-draft.ts';
import { CONSENT_KIND } from './consent-kind.ts';
import type { Unit } from './unit.ts';
import { findVisible } from './read-resource.ts';
import { type Stored, storedOf } from './stored.ts';

/**
 * Ends an emergency grant of the citizen's own before its 72 hours are over; what it said stays as it was.
 * @param id of the Consent
 * @throws Problem not-found, also for another's; gone; invalid for a Consent that is no grant; conflict when it has ended
 */
export async function endEmergency(unit: Unit, id: string): Promise<Stored> {
  const row = await findVisible(unit, CONSENT_KIND, id, { lock: true });
  if (row.deleted) throw problem('gone', 'deleted', 'This resource was deleted.');
  const now = await readClock(unit.sql);
  requireRunning(row, now);
  const consent: Consent = { ...(row.content as Consent), status: 'inactive' };
  const draft = await draftConsent(unit, consent, row.patientKey);
  const { content, search } = draft;
  const version = { id, expected: row.version, recordedAt: now, content, search, method: 'update' } as const;
  const ended = await draft.update(unit.sql, version);
  if (ended === undefined) throw new Error('a grant that was locked could not be ended');
  const entities = [`Consent/${id}/_history/${ended.version}`];
  unit.note({
    patientKey: row.patientKey,
    detail: { entities },
    recorded: { way: 'portal', consents: entities },
  });
  return storedOf(unit, CONSENT_KIND, ended);
}

function requireRunning({ content, rule }: ConsentRow, now: number): void {
  if (!isGrant(content as Consent)) {
    throw problem(
      'invalid',
      'not-an-emergency-grant',
      'This Consent is no emergency grant.',
      'Parameters.parameter[0]',
    );
  }
  const { grant } = (rule ?? {}) as Partial<StoredRule>;
  if (grant !== undefined && now < grant.end) return;
  throw problem('conflict', 'grant-ended', 'This emergency grant has ended already.');
}
