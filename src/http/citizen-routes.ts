import { readOwnLog } from '../consent/audit-log.ts';
import { deleteAccount } from '../consent/delete-account.ts';
import { settle } from '../consent/settings.ts';
import {
  type AccessLogRequest,
  readAccessLog,
  readAccessLogQuery,
  readDeleteAccount,
} from '../fhir/account-parameters.ts';
import { decodeCursor, encodeCursor } from '../fhir/cursor.ts';
import { successOutcome } from '../fhir/outcome.ts';
import { readSettings, writeSettings } from '../fhir/settings-parameters.ts';
import { logBundle } from './bundles-out.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import type { GuardedRoute } from './route-table.ts';

/** What citizens do with their own account. The log is read by GET too, so that its pages can be links. */
export function citizenRoutes(): GuardedRoute[] {
  return [
    { method: 'POST', path: '/Patient/$settings', target: 'Patient.settings', records: true, handle: settleOwn },
    {
      method: 'POST',
      path: '/Patient/$delete-account',
      target: 'Patient.delete-account',
      records: true,
      handle: deleteOwn,
    },
    {
      method: 'POST',
      path: '/Patient/$access-log',
      target: 'Patient.access-log',
      handle: (exchange) => showLog(exchange, () => readAccessLog(exchange.request.json())),
    },
    {
      method: 'GET',
      path: '/Patient/$access-log',
      target: 'Patient.access-log',
      handle: (exchange) => showLog(exchange, () => readAccessLogQuery(exchange.request.query)),
    },
  ];
}

function settleOwn({ desk, caller, requestId, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Patient.settings' }, async (unit) => {
    const settings = await settle(unit, readSettings(request.json()));
    return { status: 200, resource: writeSettings(settings) };
  });
}

function deleteOwn({ desk, caller, requestId, request }: Exchange): Promise<FhirResponse> {
  return desk.run({ caller, requestId, target: 'Patient.delete-account' }, async (unit) => {
    const wanted = readDeleteAccount(request.json());
    const isMailed = await deleteAccount(unit, wanted);
    const about = wanted.email === undefined ? '' : isMailed ? ' A mail confirms it.' : ' No mail is sent about it.';
    return { status: 200, resource: successOutcome(`The account is deleted.${about}`) };
  });
}

function showLog(exchange: Exchange, read: () => AccessLogRequest): Promise<FhirResponse> {
  const { desk, caller, requestId, baseUrl } = exchange;
  return desk.run({ caller, requestId, target: 'Patient.access-log' }, async (unit) => {
    const { count, cursor } = read();
    const page = { count, ...(cursor === undefined ? {} : { cursor: decodeCursor(cursor) }) };
    const { events, next } = await readOwnLog(unit, page);
    const link = next === undefined ? undefined : encodeCursor(next);
    return { status: 200, resource: logBundle(baseUrl, count, events, link) };
  });
}
