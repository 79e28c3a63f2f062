import type { Consent } from '@medplum/fhirtypes';
import { LONGEST_GRANT } from '../decision/emergency.ts';
import type { Instant } from '../decision/question.ts';
import { answerFor, baseRule, recordedConsent } from './consent-resource.ts';
import { GRANT_REASON_EXTENSION, PATIENT_AGREED_EXTENSION } from './grant-rule.ts';

/** What an emergency grant says. */
export interface GrantContent {
  /** Literal reference, such as `Patient/4f1…`. */
  readonly patient: string;
  /** Literal reference to the recording organisation, and its number: it alone may see what the holders have. */
  readonly organization: string;
  readonly ura: string;
  /** Numbers of the holders; empty: all holders of the patient. */
  readonly holders: readonly string[];
  readonly category: string;
  /** When it was recorded, and from when it counts. */
  readonly start: Instant;
  readonly patientAgreed: 'agreed' | 'unable';
  readonly reason: string;
  readonly catalogueVersion: string;
}

/** The Consent without the reason of an emergency grant. */
export function withoutGrantReason({ extension = [], ...consent }: Consent): Consent {
  return { ...consent, extension: extension.filter(({ url }) => url !== GRANT_REASON_EXTENSION) };
}

/** The Consent of an emergency grant (rule 11). The patient gives it, in person or by the organisation that records it. */
export function grantOf(content: GrantContent): Consent {
  const { patient, organization, category, start, catalogueVersion } = content;
  const extensions = [
    { url: PATIENT_AGREED_EXTENSION, valueCode: content.patientAgreed },
    { url: GRANT_REASON_EXTENSION, valueString: content.reason },
  ];
  const recording = {
    status: 'active',
    patient,
    performer: patient,
    organization,
    category,
    catalogueVersion,
  } as const;
  const period = { start: new Date(start).toISOString(), end: new Date(start + LONGEST_GRANT).toISOString() };
  const permit = answerFor('permit', [{ kind: 'organisation', ura: content.ura }]);
  const holders = content.holders.map((ura) => ({ kind: 'organisation', ura }) as const);
  return recordedConsent({ ...recording, dateTime: start, origin: 'emergency' }, extensions, {
    ...baseRule(holders, [permit]),
    period,
  });
}
