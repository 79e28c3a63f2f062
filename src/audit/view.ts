import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from '@medplum/fhirtypes';
import { CLIENT_SYSTEM, PURPOSE_SYSTEM, URA_SYSTEM, UZI_ROLE_SYSTEM, UZI_SYSTEM } from '../fhir/identifiers.ts';
import { codedEvent } from './coded-event.ts';
import type { AuditDetail, AuditedCheck, AuditOutcome } from './record.ts';

/** A stored record, ready to be shown. */
export interface ShownRecord {
  readonly id: string;
  readonly recordedAt: number;
  readonly clientId?: string;
  readonly interaction: string;
  readonly outcome: AuditOutcome;
  readonly detail: AuditDetail;
  /** Literal reference to the citizen it is about, when that citizen has a Patient. */
  readonly patient?: string;
  /** Types of the organisation behind it: as it was asked with, else as it was registered then. */
  readonly organizationTypes?: readonly Coding[];
}

const ACCESS_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-audit-event';
const DECISION_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-decision-audit-event';
const DICOM_SYSTEM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const ROLE_CLASS_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-RoleClass';
const OBJECT_ROLE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/object-role';
const OBJECT_TYPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';

/** What takes part in an event: https://hl7.org/fhir/R4/valueset-object-role.html */
const PATIENT_ROLE = '1';
const RESOURCE_ROLE = '4';
const QUERY_ROLE = '24';

/** The AuditEvent of a record. Nothing in it that the record does not hold. */
export function auditEventOf(record: ShownRecord): AuditEvent {
  const { check, problem } = record.detail;
  const { type, subtype, action } = codedEvent(record.interaction);
  const outcomeDesc = problem ?? check?.reason;
  const entity = entitiesOf(record);
  const recorded = new Date(record.recordedAt).toISOString();
  const profile = [subtype.code === 'decision' ? DECISION_PROFILE : ACCESS_PROFILE];
  return {
    resourceType: 'AuditEvent',
    id: record.id,
    meta: { versionId: '1', lastUpdated: recorded, profile },
    type,
    subtype: [subtype],
    action,
    recorded,
    outcome: record.outcome,
    ...(outcomeDesc === undefined ? {} : { outcomeDesc }),
    ...(check?.purpose === undefined
      ? {}
      : { purposeOfEvent: [{ coding: [{ system: PURPOSE_SYSTEM, code: check.purpose }] }] }),
    agent: [clientAgent(record), ...organisationAgent(record), ...professionalAgents(check)],
    source: { observer: { identifier: { value: 'akkoord' } } },
    ...(entity.length === 0 ? {} : { entity }),
  };
}

/** The program that called; a citizen calls through the register's own door. */
function clientAgent({ clientId, detail }: ShownRecord): AuditEventAgent {
  const value = clientId ?? detail.role ?? 'unknown';
  return {
    type: coded(DICOM_SYSTEM, '110150'),
    who: { identifier: { system: CLIENT_SYSTEM, value } },
    requestor: true,
  };
}

/** The organisation that wants the data: the requester of a question, else the caller's own. */
function organisationAgent({ detail, organizationTypes = [] }: ShownRecord): AuditEventAgent[] {
  const ura = detail.check?.requester?.ura ?? detail.ura;
  if (ura === undefined) return [];
  const who = { identifier: { system: URA_SYSTEM, value: ura } };
  const role = organizationTypes.map((coding) => ({ coding: [coding] }));
  const roles = role.length === 0 ? {} : { role };
  return [{ type: coded(ROLE_CLASS_SYSTEM, 'PROV'), ...roles, who, requestor: false }];
}

/** The professional on whose behalf is asked, and who acts under that mandate. */
function professionalAgents(check: AuditedCheck | undefined): AuditEventAgent[] {
  const { professional, mandated, requesterRole } = check ?? {};
  const role = requesterRole === undefined ? {} : { role: [coded(UZI_ROLE_SYSTEM, requesterRole)] };
  const person = (value: string) => ({ who: { identifier: { system: UZI_SYSTEM, value } }, requestor: false });
  return [
    ...(professional === undefined
      ? []
      : [{ type: coded(PARTICIPATION_SYSTEM, 'IRCP'), ...role, ...person(professional) }]),
    ...(mandated === undefined ? [] : [{ type: coded(ROLE_CLASS_SYSTEM, 'DLG'), ...person(mandated) }]),
  ];
}

function coded(system: string, code: string): { coding: Coding[] } {
  return { coding: [{ system, code }] };
}

function entitiesOf({ detail, patient }: ShownRecord): AuditEventEntity[] {
  const { assurance, check, family, flagged, migration, removed, reviewed, way } = detail;
  const { entities = [], located = [], searched = [], settings = [] } = detail;
  const touched = [...new Set([...entities, ...(check?.basedOn ?? [])])];
  const queried = [
    ...(check === undefined ? [] : checkDetails(check)),
    ...located.map((ura) => ['located', ura] as const),
    ...searched.map((name) => ['parameter', name] as const),
    ...settings.map((name) => ['settings', name] as const),
    ...(way === undefined ? [] : [['way', way] as const]),
    ...(family === undefined ? [] : [['family', family] as const]),
    ...(migration === undefined ? [] : [['migration', migration] as const]),
    ...(assurance === undefined ? [] : [['assurance', assurance] as const]),
    ...(detail.replayed === undefined ? [] : [['replayed', 'true'] as const]),
    ...(flagged === undefined ? [] : [['flagged', flagged] as const]),
    ...(removed === undefined ? [] : [['removed', `${removed.day}: ${removed.count}`] as const]),
    ...(reviewed === undefined ? [] : [['reviewed', `${reviewed.from}/${reviewed.to}`] as const]),
    ...(detail.client === undefined ? [] : [['client', detail.client] as const]),
    ...(detail.count === undefined ? [] : [['count', String(detail.count)] as const]),
    ...(detail.failed === undefined ? [] : [['failed', detail.failed] as const]),
  ];
  return [
    ...(patient === undefined ? [] : [{ what: { reference: patient }, ...kind('1', PATIENT_ROLE) }]),
    ...touched.map((reference) => ({ what: { reference }, ...kind('2', RESOURCE_ROLE) })),
    ...(queried.length === 0 ? [] : [queryEntity(queried)]),
  ];
}

function queryEntity(details: readonly (readonly [type: string, valueString: string])[]): AuditEventEntity {
  return { ...kind('2', QUERY_ROLE), detail: details.map(([type, valueString]) => ({ type, valueString })) };
}

/** The question and its answer, field by field, so that a decision can be read back from the log alone. */
function checkDetails(check: AuditedCheck): (readonly [string, string])[] {
  const details: (readonly [string, string | undefined])[] = [
    ['holder', check.holder?.ura],
    ['holderType', check.holder?.type],
    ['requester', check.requester?.ura],
    ['requesterType', check.requester?.type],
    ['dataCategory', check.dataCategory],
    ['decision', check.decision],
    ['reason', check.reason],
    ['catalogueVersion', check.catalogueVersion],
    ['at', instant(check.at)],
    ['knownAt', instant(check.knownAt)],
  ];
  return details.flatMap(([type, value]) => (value === undefined ? [] : [[type, value] as const]));
}

function kind(type: string, role: string) {
  return { type: { system: OBJECT_TYPE_SYSTEM, code: type }, role: { system: OBJECT_ROLE_SYSTEM, code: role } };
}

function instant(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
