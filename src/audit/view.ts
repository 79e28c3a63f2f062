import type { AuditEvent, AuditEventEntity } from '@medplum/fhirtypes';
import { PURPOSE_SYSTEM } from '../fhir/identifiers.ts';
import { agentsOf, SERVER } from './agents.ts';
import { codedEvent } from './coded-event.ts';
import type { AuditedCheck } from './record.ts';
import type { ShownRecord } from './shown-record.ts';

const ACCESS_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-audit-event';
const DECISION_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-decision-audit-event';
const SOURCE_TYPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/security-source-type';
const BALP_ENTITY_SYSTEM = 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType';
const OBJECT_ROLE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/object-role';
const OBJECT_TYPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/audit-entity-type';

const APPLICATION_SERVER = '4';

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
    agent: agentsOf(record),
    source: { observer: SERVER, type: [{ system: SOURCE_TYPE_SYSTEM, code: APPLICATION_SERVER }] },
    ...(entity.length === 0 ? {} : { entity }),
  };
}

function entitiesOf({ detail, patient }: ShownRecord): AuditEventEntity[] {
  const { assurance, check, family, flagged, migration, removed, reviewed, way } = detail;
  const { entities = [], located = [], searched = [], settings = [] } = detail;
  const touched = [...new Set([...entities, ...(check?.basedOn ?? [])])];
  const queried = [
    ...(check === undefined ? [] : checkDetails(check)),
    ...located.map((ura) => ['located', ura] as const),
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
    ...transactionEntity(detail.request),
    ...(detail.searched === undefined ? [] : [searchEntity(searched)]),
    ...(patient === undefined ? [] : [{ what: { reference: patient }, ...kind('1', PATIENT_ROLE) }]),
    ...touched.map((reference) => ({ what: { reference }, ...kind('2', RESOURCE_ROLE) })),
    ...(queried.length === 0 ? [] : [queryEntity(queried)]),
  ];
}

/** Accesses of one request share its id, here and in the log of the server. */
function transactionEntity(request: string | undefined): AuditEventEntity[] {
  if (request === undefined) return [];
  return [{ what: { identifier: { value: request } }, type: { system: BALP_ENTITY_SYSTEM, code: 'XrequestId' } }];
}

/** What was searched by, without the values: a BSN or a name may be among them. */
function searchEntity(names: readonly string[]): AuditEventEntity {
  return { ...kind('2', QUERY_ROLE), query: Buffer.from(`?${names.join('&')}`, 'utf8').toString('base64') };
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
