import type { Consent, Organization, Patient } from '@medplum/fhirtypes';
import type { Call, TestServer } from '../setup/test-server.ts';
import { idsOf } from './answers.ts';
import { loggedAbout } from './ledger.ts';
import { freshBsn, freshUra, GP, PHARMACY } from './people.ts';
import { openQuestion } from './locating.ts';
import { collection } from './migrating.ts';
import { choice, parameters, question } from './questions.ts';
import { bundle, get } from './bundle.ts';
import { endBody, grantBody } from './emergency.ts';
import { providerChoice } from './provider-choices.ts';
import { freshEndpoint, subscription } from './subscription-bodies.ts';
import { subscribe } from './subscriptions.ts';
import { BSN_SYSTEM, consent, organization, patient, URA_SYSTEM } from './resources.ts';

/** Everything a route can be asked about: a citizen's things, and a citizen who has nothing. */
export interface Scene {
  readonly owner: string;
  readonly stranger: string;
  readonly patient: Patient & { id: string };
  readonly consent: Consent & { id: string };
  readonly organization: Organization & { id: string };
  readonly auditEvent: string;
  readonly provenance: string;
  /** Of the GP practice. */
  readonly subscription: string;
  readonly ura: string;
}

/** A citizen with a Patient, and (unless it is in the way) an answer for GPs; GP practice and pharmacy are subscribed. */
export async function setScene(server: TestServer, withConsent: boolean): Promise<Scene> {
  const [owner, stranger, ura] = [freshBsn(), freshBsn(), freshUra()];
  const as = `citizen:${owner}`;
  const store = async <T>(body: { resourceType: string }, who: string) => {
    const answer = await server.fhir<T & { id: string }>(`/${body.resourceType}`, { as: who, body });
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    return answer.body;
  };
  const scene = {
    owner,
    stranger,
    ura,
    patient: await store<Patient>(patient(owner), as),
    organization: await store<Organization>(organization(ura), 'admin'),
    consent: withConsent ? await store<Consent>(consent(owner), as) : { ...noConsent },
  };
  const gps = await subscribe(server, owner, GP);
  await subscribe(server, owner, PHARMACY);
  const [own] = await loggedAbout(server, owner);
  const [provenance = ''] = idsOf(await server.fhir('/Provenance', { as }));
  return { ...scene, auditEvent: own?.id ?? '', provenance, subscription: gps };
}

/** Nobody's. */
const PAIRING_CODE = { name: 'code', valueString: 'ABCD2345' };

const noConsent = { resourceType: 'Consent', id: 'none' } as Consent & { id: string };

type Who = 'own' | 'other' | 'absent' | (string & {});

/** Callers that record with the citizen, and how. */
const TOGETHER = { way: 'together', option: 'none' } as const;
const HOLDERS: ReadonlySet<Who> = new Set(['gp', 'pharmacy', 'hospital']);

/** Callers that try an address of nothing. */
const isAbsent = (who: Who): boolean => who === 'absent' || who === 'gp, absent';

/** The request by which a caller tries a route: on what is the owner's, or (absent) on what is not there. */
export function requestFor(scene: Scene, route: string, who: Who): { readonly path: string; readonly call: Call } {
  const [method = '', template = ''] = route.split(' ');
  const [, type = '', second = '', third = ''] = template.split('/');
  const thing = thingOf(scene, type);
  const id = isAbsent(who) ? 'absent' : thing.id;
  const path = template.replace(':id', id).replace(':version', '1');
  if (template === '/') return { path, call: { method, body: bundle('batch', [get('metadata')]) } };
  if (second.startsWith('$')) return { path, call: { method, ...operationCall(scene, method, second, { id, who }) } };
  if (third.startsWith('$')) return { path, call: { method, ...(method === 'GET' ? {} : { body: parameters([]) }) } };
  if (second === '_search') return { path, call: { method, ...searchForm(scene, type) } };
  const isTimeline = type === 'AuditEvent' || type === 'Provenance';
  const query = isTimeline ? `?patient=Patient/${isAbsent(who) ? 'absent' : scene.patient.id}` : `?_id=${id}`;
  return {
    path: second === '' && method !== 'POST' ? `${path}${query}` : path,
    call: { method, ...changeOf(scene, method, type, who) },
  };
}

function thingOf(scene: Scene, type: string): { readonly id: string } {
  if (type === 'Patient') return scene.patient;
  if (type === 'Organization') return scene.organization;
  if (type === 'Subscription') return { id: scene.subscription };
  if (type === 'Provenance') return { id: scene.provenance };
  return type === 'Consent' ? scene.consent : { id: scene.auditEvent };
}

interface Asked {
  readonly id: string;
  readonly who: Who;
}

function operationCall(scene: Scene, method: string, operation: string, asked: Asked): Call {
  return method === 'GET' ? {} : { body: operationBody(scene, operation, asked) };
}

function operationBody({ owner }: Scene, operation: string, { id, who }: Asked): object {
  if (operation === '$check') return question(owner);
  if (operation === '$locate') return openQuestion(owner);
  if (operation === '$grant-emergency') return grantBody(owner);
  if (operation === '$end-emergency') return endBody(id);
  if (operation === '$choose') return HOLDERS.has(who) ? providerChoice(owner, TOGETHER) : choice(owner, 'none');
  if (['$status', '$events'].includes(operation)) return parameters([{ name: 'id', valueId: id }]);
  if (operation === '$migrate') return collection([]);
  if (['$pairing-code', '$settings', '$delete-account', '$access-log'].includes(operation)) return parameters([]);
  if (operation === '$review') return parameters([PAIRING_CODE]);
  if (operation === '$confirm') return parameters([PAIRING_CODE, { name: 'decision', valueCode: 'confirm' }]);
  return { resourceType: 'Parameters', parameter: choice(owner, 'none').parameter.slice(0, 1) };
}

function searchForm({ owner, ura }: Scene, type: string): Call {
  const name = type === 'Patient' || type === 'Organization' ? 'identifier' : 'patient.identifier';
  const value = type === 'Organization' ? `${URA_SYSTEM}|${ura}` : `${BSN_SYSTEM}|${owner}`;
  return {
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ [name]: value }).toString(),
  };
}

const PATCHES: Readonly<Record<string, object>> = {
  Patient: { path: '/gender', value: 'female' },
  Consent: { path: '/dateTime', value: '2026-01-01' },
  Organization: { path: '/name', value: 'Anders' },
  Subscription: { path: '/channel/endpoint', value: 'https://127.0.0.1:9/other' },
};

function changeOf(scene: Scene, method: string, type: string, who: Who): Call {
  const headers = { 'If-Match': 'W/"1"' };
  if (method === 'DELETE') return { headers };
  if (method === 'PATCH') {
    const patchType = { 'Content-Type': 'application/json-patch+json' };
    return { headers: { ...headers, ...patchType }, body: [{ op: 'add', ...PATCHES[type] }] };
  }
  if (method === 'POST') return { body: newOf(scene, type, who) };
  return method === 'PUT' ? { headers, body: changedOf(scene, type) } : {};
}

function changedOf({ owner, ura }: Scene, type: string): object {
  if (type === 'Subscription') return subscription(owner, { endpoint: freshEndpoint() });
  if (type === 'Organization') return organization(ura);
  return type === 'Patient' ? patient(owner) : consent(owner);
}

/** A new resource: the caller's own, or (other) the owner's. */
function newOf({ owner }: Scene, type: string, who: Who): object {
  if (type === 'Organization') return organization(freshUra());
  if (type === 'Subscription') return subscription(freshBsn());
  return type === 'Patient' ? patient(owner) : consent(owner, who === 'own' ? {} : { dateTime: '2026-01-01' });
}
