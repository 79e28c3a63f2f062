import type { Organization, Patient } from '@medplum/fhirtypes';
import { ORGANISATION_TYPE_SYSTEM } from '../catalogue/catalogue.ts';
import type { Caller } from '../auth/caller.ts';
import { parseScopes } from '../auth/scopes.ts';
import { createResource } from '../consent/change-resource.ts';
import { choose } from '../consent/choose.ts';
import { ORGANIZATION_KIND } from '../consent/organization-kind.ts';
import { PATIENT_KIND } from '../consent/patient-kind.ts';
import { type Desk, inOneTransaction, openDesk } from '../consent/perform.ts';
import type { Register } from '../consent/register.ts';
import { subscribe } from '../consent/subscribe.ts';
import { readChoose } from '../fhir/choose-parameters.ts';
import { BSN_SYSTEM, URA_SYSTEM } from '../fhir/identifiers.ts';
import { subscriptionOf } from '../fhir/subscription-resource.ts';
import { Problem } from '../problem.ts';
import { findClient, saveClient } from '../storage/client.ts';
import { findOrganizations } from '../storage/organization.ts';
import { findPatients } from '../storage/patient.ts';
import { openSandboxKeys, type SandboxKeys } from './keys.ts';
import {
  CITIZEN_SCOPES,
  SANDBOX_CITIZENS,
  SANDBOX_CLIENTS,
  type SandboxAnswer,
  type SandboxCitizen,
  type SandboxClient,
} from './people.ts';
import { clientKeySet } from './sign-assertion.ts';

const REQUEST_ID = 'sandbox';
/** Holders of the sandbox may be notified on this machine. */
const SANDBOX_HOSTS = ['127.0.0.1', 'localhost', '[::1]'];
const ADMIN: Caller = { role: 'admin', clientId: 'admin', scopes: parseScopes(['system/Organization.cruds']) };

/**
 * Fills the register with the sample clients, organisations and citizens, as far as they are not there: through the same
 * door as everyone else, so that the sandbox holds nothing a real register could not. Each in one transaction, so that a
 * start that was cut short is completed by the next.
 */
export async function fillSandbox(
  register: Register,
  { baseUrl, dataDir }: { readonly baseUrl: string; readonly dataDir: string },
): Promise<void> {
  const keys = await openSandboxKeys(dataDir);
  for (const client of SANDBOX_CLIENTS) await unlessAnotherDid(() => addClient(register, keys, client));
  for (const citizen of SANDBOX_CITIZENS) await unlessAnotherDid(() => addCitizen(register, citizen));
  for (const { bsn, subscribed } of SANDBOX_CITIZENS) {
    for (const client of subscribed ? SANDBOX_CLIENTS : [])
      await unlessAnotherDid(() => addSubscription(register, client, bsn, baseUrl));
  }
}

/** A subscription is made once however often it is asked for. Its notifications come back to the sandbox, to be read there. */
async function addSubscription(
  register: Register,
  { id, role, organization, scopes }: SandboxClient,
  bsn: string,
  baseUrl: string,
): Promise<void> {
  if (organization === undefined) return;
  const { ura, type: holderType } = organization;
  const caller: Caller = { role, clientId: id, ura, scopes: parseScopes(scopes) };
  const subscription = subscriptionOf({ bsn, ura, holderType, endpoint: `${baseUrl}/sandbox/notifications/${ura}` });
  const access = { caller, target: 'Subscription.create', requestId: REQUEST_ID } as const;
  await openDesk(register).run(access, (unit) => subscribe(unit, subscription));
}

/** Another server on the same database may add the same at the same moment: looking again then finds it. */
async function unlessAnotherDid(add: () => Promise<void>): Promise<void> {
  await add().catch((error: unknown) => {
    if (error instanceof Problem && error.kind === 'conflict') return add();
    throw error;
  });
}

async function addClient(
  register: Register,
  keys: SandboxKeys,
  { id, role, organization, scopes }: SandboxClient,
): Promise<void> {
  const known = await findClient(register.database, id);
  if (known?.jwks !== undefined || known?.jwksUri !== undefined) return;
  if (organization !== undefined && (await findOrganizations(register.database, [organization.ura])).length === 0) {
    await inOneTransaction(register, { caller: ADMIN, target: 'transaction', requestId: REQUEST_ID }, (desk) =>
      addOrganization(desk, organization),
    );
  }
  const bound = organization === undefined ? {} : { ura: organization.ura };
  const name = organization?.name ?? id;
  const hosts = organization === undefined ? [] : SANDBOX_HOSTS;
  const jwks = clientKeySet(keys, id);
  await saveClient(register.database, { id, role, active: true, name, scopes, jwks, binding: 'none', hosts, ...bound });
}

async function addOrganization(
  desk: Desk,
  { ura, type, name }: NonNullable<SandboxClient['organization']>,
): Promise<void> {
  const resource: Organization = {
    resourceType: 'Organization',
    identifier: [{ system: URA_SYSTEM, value: ura }],
    active: true,
    type: [{ coding: [{ system: ORGANISATION_TYPE_SYSTEM, code: type }] }],
    name,
  };
  const access = { caller: ADMIN, target: 'Organization.create', requestId: REQUEST_ID } as const;
  await desk.run(access, (unit) => createResource(unit, ORGANIZATION_KIND, resource));
}

async function addCitizen(register: Register, citizen: SandboxCitizen): Promise<void> {
  const patientKey = register.vault.keyOf(citizen.bsn);
  if ((await findPatients(register.database, [patientKey])).length > 0) return;
  const caller: Caller = { role: 'citizen', patientKey, scopes: parseScopes(CITIZEN_SCOPES) };
  const access = { caller, requestId: REQUEST_ID };
  await inOneTransaction(register, { ...access, target: 'transaction' }, async (desk) => {
    await desk.run({ ...access, target: 'Patient.create' }, (unit) =>
      createResource(unit, PATIENT_KIND, patientOf(citizen)),
    );
    if (citizen.choice === undefined) return;
    const choice = readChoose(register.catalogue, choiceOf(citizen));
    await desk.run({ ...access, target: 'Consent.choose' }, (unit) => choose(unit, choice));
  });
}

function patientOf({ bsn, given, family, birthDate }: SandboxCitizen): Patient {
  return {
    resourceType: 'Patient',
    identifier: [{ system: BSN_SYSTEM, value: bsn }],
    name: [{ given: [given], family }],
    birthDate,
  };
}

/** The citizen's choice as the input of `Consent/$choose`. */
function choiceOf({ bsn, choice }: SandboxCitizen): object {
  const answers = choice?.option === 'certain' ? choice.answers : [];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
      { name: 'option', valueCode: choice?.option },
      ...answers.map((answer) => ({ name: 'answer', part: partsOf(answer) })),
    ],
  };
}

function partsOf(answer: SandboxAnswer): object[] {
  const organisation = (value: string) => ({ system: URA_SYSTEM, value });
  return [
    ...(answer.holderCategory === undefined ? [] : [{ name: 'holderCategory', valueCode: answer.holderCategory }]),
    ...(answer.holder === undefined ? [] : [{ name: 'holder', valueIdentifier: organisation(answer.holder) }]),
    ...(answer.requesterCategory ?? []).map((valueCode) => ({ name: 'requesterCategory', valueCode })),
    ...(answer.requester ?? []).map((ura) => ({ name: 'requester', valueIdentifier: organisation(ura) })),
    { name: 'decision', valueCode: answer.decision },
  ];
}
