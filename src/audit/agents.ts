import type { AuditEventAgent, CodeableConcept, Coding } from '@medplum/fhirtypes';
import { CLIENT_SYSTEM, URA_SYSTEM, UZI_ROLE_SYSTEM, UZI_SYSTEM } from '../fhir/identifiers.ts';
import { type CodedEvent, codedEvent } from './coded-event.ts';
import type { ShownRecord } from './shown-record.ts';

const DICOM_SYSTEM = 'http://dicom.nema.org/resources/ontology/DCM';
const PARTICIPATION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';
const ROLE_CLASS_SYSTEM = 'http://terminology.hl7.org/CodeSystem/v3-RoleClass';
const SECURITY_ROLE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/extra-security-role-type';
const CUSTODIAN_SYSTEM = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

const APPLICATION: Coding = { system: DICOM_SYSTEM, code: '110150' };
/** Where data goes, and where it comes from. */
const DESTINATION: Coding = { system: DICOM_SYSTEM, code: '110152' };
const SOURCE: Coding = { system: DICOM_SYSTEM, code: '110153' };

/** This server, in the log. */
export const SERVER = { identifier: { value: 'akkoord' } };

/**
 * Who took part, as in IHE's patterns: client, server and user, and the organisation behind them. The one who began it is the
 * person where one is known, else the client. https://profiles.ihe.net/ITI/BALP/content.html
 */
export function agentsOf(record: ShownRecord): AuditEventAgent[] {
  const event = codedEvent(record.interaction);
  const people = [...professionalAgents(record), ...citizenAgent(record, event)];
  const client = clientAgent(record, event, people.length === 0);
  return [client, ...organisationAgent(record), ...people, serverAgent(event)];
}

function isDecision({ subtype }: CodedEvent): boolean {
  return subtype.code === 'decision';
}

/** The program that called; a citizen calls through the register's own door. */
function clientAgent({ clientId, detail }: ShownRecord, event: CodedEvent, requestor: boolean): AuditEventAgent {
  const value = clientId ?? detail.role ?? 'unknown';
  const role = event.action === 'R' ? [DESTINATION] : event.action === 'D' || isDecision(event) ? [] : [SOURCE];
  return { type: { coding: [APPLICATION, ...role] }, who: { identifier: { system: CLIENT_SYSTEM, value } }, requestor };
}

function serverAgent(event: CodedEvent): AuditEventAgent {
  return { type: { coding: [serverRole(event)] }, who: SERVER, requestor: false };
}

function serverRole(event: CodedEvent): Coding {
  if (isDecision(event)) return { system: SECURITY_ROLE_SYSTEM, code: 'authserver' };
  if (event.action === 'D') return { system: CUSTODIAN_SYSTEM, code: 'custodian' };
  return event.action === 'R' ? SOURCE : DESTINATION;
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
function professionalAgents({ detail }: ShownRecord): AuditEventAgent[] {
  const { professional, mandated, requesterRole } = detail.check ?? {};
  const role = requesterRole === undefined ? {} : { role: [coded(UZI_ROLE_SYSTEM, requesterRole)] };
  const person = (value: string, requestor: boolean) => ({
    who: { identifier: { system: UZI_SYSTEM, value } },
    requestor,
  });
  return [
    ...(professional === undefined
      ? []
      : [{ type: coded(PARTICIPATION_SYSTEM, 'IRCP'), ...role, ...person(professional, true) }]),
    ...(mandated === undefined ? [] : [{ type: coded(ROLE_CLASS_SYSTEM, 'DLG'), ...person(mandated, false) }]),
  ];
}

/** The citizen who called: who reads receives, who changes is the author. */
function citizenAgent(record: ShownRecord, { action, subtype }: CodedEvent): AuditEventAgent[] {
  if (record.detail.role !== 'citizen') return [];
  const reads = action === 'R' || subtype.code === 'search-type' || subtype.code === 'decision';
  return [{ type: coded(PARTICIPATION_SYSTEM, reads ? 'IRCP' : 'AUT'), who: citizen(record), requestor: true }];
}

/** Themselves, or another citizen, who is named to nobody but an auditor. */
function citizen({ detail, patient, actor }: ShownRecord): NonNullable<AuditEventAgent['who']> {
  const reference = detail.actor === undefined ? patient : actor;
  if (reference !== undefined) return { reference };
  const value = detail.actor === undefined ? 'citizen' : 'another-citizen';
  return { identifier: { system: CLIENT_SYSTEM, value } };
}

function coded(system: string, code: string): CodeableConcept {
  return { coding: [{ system, code }] };
}
