import { check } from '../consent/check.ts';
import { choose } from '../consent/choose.ts';
import { endEmergency } from '../consent/end-emergency.ts';
import { grantEmergency } from '../consent/grant-emergency.ts';
import { locate } from '../consent/locate.ts';
import { consentProfile } from '../consent/profile.ts';
import { writeCheck } from '../fhir/check-answer.ts';
import { readCheck } from '../fhir/check-parameters.ts';
import { readChoose } from '../fhir/choose-parameters.ts';
import { readEndEmergency, readGrantEmergency } from '../fhir/grant-parameters.ts';
import { readLocate, writeLocate } from '../fhir/locate-parameters.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import { readProfileRequest, writeProfile } from '../fhir/profile-parameters.ts';
import { problem } from '../problem.ts';
import { listBundle } from './bundles-out.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';

/** The operations: what a consent server is for. */
export function operationRoutes(): GuardedRoute[] {
  return [
    { method: 'POST', path: '/Consent/$check', target: 'Consent.check', handle: askCheck },
    { method: 'POST', path: '/Consent/$locate', target: 'Consent.locate', handle: askLocate },
    { method: 'POST', path: '/Consent/$choose', target: 'Consent.choose', records: true, handle: recordChoice },
    { method: 'POST', path: '/Consent/$profile', target: 'Consent.profile', handle: showProfile },
    {
      method: 'POST',
      path: '/Consent/$grant-emergency',
      target: 'Consent.grant-emergency',
      records: true,
      handle: recordGrant,
    },
    {
      method: 'POST',
      path: '/Consent/$end-emergency',
      target: 'Consent.end-emergency',
      records: true,
      handle: endGrant,
    },
  ];
}

/** A check commits its audit records by itself, so it cannot be part of a transaction that may yet fail. */
async function askCheck({ register, caller, requestId, request, isTransaction }: Exchange): Promise<FhirResponse> {
  if (isTransaction) throw problem('invalid', 'check-in-transaction', 'A $check is no part of a transaction.');
  const call = readCheck(register.catalogue, request.json());
  const results = await check(register, { caller, requestId }, call.items);
  return { status: 200, resource: writeCheck(call, results, { reasons: true, outcomeOf: operationOutcome }) };
}

function askLocate({ desk, caller, requestId, register, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Consent.locate' }, async (unit) => {
    const locations = await locate(unit, readLocate(register.catalogue, request.json()));
    return { status: 200, resource: writeLocate(register.catalogue, locations) };
  });
}

/** By a provider not in a transaction: that would hold many citizens' turns at once. */
async function recordChoice(exchange: Exchange): Promise<FhirResponse> {
  const { desk, caller, requestId, register, request, baseUrl, isTransaction } = exchange;
  if (isTransaction && caller.role !== 'citizen') {
    throw problem('invalid', 'choice-in-transaction', 'A choice by a provider is no part of a transaction.');
  }
  return desk.run({ caller, requestId, target: 'Consent.choose' }, async (unit) => {
    const consents = await choose(unit, readChoose(register.catalogue, request.json()));
    const resources = consents.map(({ resource }) => resource);
    return { status: 200, resource: listBundle(baseUrl, 'Consent', resources) };
  });
}

function showProfile({ desk, caller, requestId, register, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Consent.profile' }, async (unit) => {
    const cells = await consentProfile(unit, readProfileRequest(request.json()));
    return { status: 200, resource: writeProfile(register.catalogue, cells) };
  });
}

/** Not in a transaction: that would hold many citizens' turns at once, and one of its grants could undo all. */
function recordGrant({ desk, caller, requestId, request, isTransaction }: Exchange): Promise<FhirResponse> {
  if (isTransaction) throw problem('invalid', 'grant-in-transaction', 'A grant is no part of a transaction.');
  return desk.run({ caller, requestId, target: 'Consent.grant-emergency' }, async (unit) => {
    const { resource, version, recordedAt } = await grantEmergency(unit, readGrantEmergency(request.json()));
    return { status: 200, resource, version, lastModified: recordedAt };
  });
}

function endGrant({ desk, caller, requestId, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Consent.end-emergency' }, async (unit) => {
    const { resource, version, recordedAt } = await endEmergency(unit, readEndEmergency(request.json()));
    return { status: 200, resource, version, lastModified: recordedAt };
  });
}
