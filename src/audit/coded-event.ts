import type { Coding } from '@medplum/fhirtypes';

const EVENT_TYPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/audit-event-type';
const DICOM_SYSTEM = 'http://dicom.nema.org/resources/ontology/DCM';
const LIFECYCLE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle';
const INTERACTION_SYSTEM = 'http://hl7.org/fhir/restful-interaction';
const AUDITED_EVENT_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/audited-event';

/** What kind of event an interaction is, in the codes of AuditEvent. */
export interface CodedEvent {
  readonly type: Coding;
  readonly subtype: Coding;
  /** https://hl7.org/fhir/R4/valueset-audit-event-action.html */
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
}

const ACTIONS: Readonly<Record<string, CodedEvent['action']>> = {
  create: 'C',
  read: 'R',
  vread: 'R',
  history: 'R',
  // A query is performed: https://hl7.org/fhir/R4/valueset-audit-event-action.html
  search: 'E',
  update: 'U',
  patch: 'U',
  delete: 'D',
  batch: 'E',
  transaction: 'E',
};
/** What the operator does to the log, which is no request. */
const OPERATED: Readonly<Record<string, Pick<CodedEvent, 'type' | 'action'>>> = {
  report: { type: { system: DICOM_SYSTEM, code: '110101' }, action: 'R' },
  retention: { type: { system: LIFECYCLE_SYSTEM, code: 'destroy' }, action: 'D' },
};
const REST_WORDS: Readonly<Record<string, string>> = { search: 'search-type', history: 'history-type' };

/** The codes of an interaction as the log names it: `Consent.check`, `Patient.read`, `batch`. */
export function codedEvent(interaction: string): CodedEvent {
  const word = interaction.split('.').at(-1) ?? interaction;
  if (word === 'check') {
    const subtype = { system: AUDITED_EVENT_SYSTEM, code: 'decision' };
    return { type: { system: DICOM_SYSTEM, code: '110113' }, subtype, action: 'E' };
  }
  const operated = OPERATED[word];
  if (operated !== undefined) return { ...operated, subtype: { system: AUDITED_EVENT_SYSTEM, code: word } };
  const rest = { system: EVENT_TYPE_SYSTEM, code: 'rest' };
  const action = ACTIONS[word];
  if (action === undefined) return { type: rest, subtype: { system: AUDITED_EVENT_SYSTEM, code: word }, action: 'E' };
  return { type: rest, subtype: { system: INTERACTION_SYSTEM, code: REST_WORDS[word] ?? word }, action };
}
