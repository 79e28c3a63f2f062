import type { Interaction, Target } from '../auth/permissions.ts';
import type { Unit } from '../consent/unit.ts';
import { createResource, deleteResource, patchResource, updateResource } from '../consent/change-resource.ts';
import { instanceHistory, typeHistory } from '../consent/history.ts';
import { readResource, readResourceVersion } from '../consent/read-resource.ts';
import type { ResourceKind, StoredRow } from '../consent/resource-kind.ts';
import { searchResources } from '../consent/search-resources.ts';
import type { Stored } from '../consent/stored.ts';
import { historyBundle, searchBundle } from './bundles-out.ts';
import type { Exchange, FhirResponse } from './fhir-exchange.ts';
import { expectedVersion, isUnchanged } from './preconditions.ts';
import type { GuardedRoute } from './route-table.ts';
import { conditionPairs, readHistoryQuery, readSearch, soleMatch } from './search-query.ts';

const RECORDING: ReadonlySet<Interaction> = new Set(['create', 'update', 'patch', 'delete']);

type Work = (unit: Unit, exchange: Exchange) => Promise<FhirResponse>;

/** The rows of one resource type: FHIR's interactions, in the order of https://hl7.org/fhir/R4/http.html */
export function resourceRoutes<Row extends StoredRow>(
  kind: ResourceKind<Row>,
  interactions: ReadonlySet<Interaction>,
): GuardedRoute[] {
  const row = (method: GuardedRoute['method'], path: string, interaction: Interaction, work: Work): GuardedRoute => {
    const target: Target = `${kind.type}.${interaction}`;
    return {
      method,
      path: `/${kind.type}${path}`,
      target,
      records: RECORDING.has(interaction),
      handle: (exchange) => exchange.desk.run({ ...exchange, target }, (unit) => work(unit, exchange)),
    };
  };
  const rows = [
    row('GET', '/:id', 'read', read(kind)),
    row('GET', '/:id/_history/:version', 'vread', vread(kind)),
    row('PUT', '/:id', 'update', update(kind)),
    row('PUT', '', 'update', update(kind)),
    row('PATCH', '/:id', 'patch', patch(kind)),
    row('PATCH', '', 'patch', patch(kind)),
    row('DELETE', '/:id', 'delete', remove(kind)),
    row('DELETE', '', 'delete', remove(kind)),
    row('POST', '', 'create', create(kind)),
    row('GET', '', 'search', search(kind)),
    row('POST', '/_search', 'search', search(kind)),
    row('GET', '/:id/_history', 'history', instance(kind)),
    row('GET', '/_history', 'history', type(kind)),
  ];
  return rows.filter(({ target }) => interactions.has(target.split('.')[1] as Interaction));
}

function read<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, { parameters, request }) => {
    const stored = await readResource(unit, kind, parameters['id'] ?? '');
    const { version, recordedAt } = stored;
    if (isUnchanged(request.headers, version, recordedAt)) return { status: 304, version, lastModified: recordedAt };
    return found(stored);
  };
}

function vread<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, { parameters }) =>
    found(await readResourceVersion(unit, kind, parameters['id'] ?? '', Number(parameters['version'])));
}

function create<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const body = exchange.request.json();
    const { ifNoneExist } = exchange.request.headers;
    const condition = ifNoneExist === undefined ? undefined : conditionPairs(kind.type, ifNoneExist);
    const match = condition === undefined ? undefined : await soleMatch(unit, kind, condition);
    if (match !== undefined) return { ...changed(kind, match), status: 200 };
    return changed(kind, await createResource(unit, kind, body, exchange.request.newId));
  };
}

function update<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const body = exchange.request.json();
    const id = exchange.parameters['id'] ?? (await conditionalId(unit, kind, exchange));
    if (id === undefined) return changed(kind, await createResource(unit, kind, body, exchange.request.newId));
    return changed(kind, await updateResource(unit, kind, id, body, expectedVersion(exchange.request.headers.ifMatch)));
  };
}

function patch<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const operations = exchange.request.json(true);
    const id = exchange.parameters['id'] ?? (await conditionalId(unit, kind, exchange)) ?? '';
    return changed(
      kind,
      await patchResource(unit, kind, id, operations, expectedVersion(exchange.request.headers.ifMatch)),
    );
  };
}

function remove<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const id = exchange.parameters['id'] ?? (await conditionalId(unit, kind, exchange));
    if (id === undefined) return { status: 204 };
    const version = await deleteResource(unit, kind, id, expectedVersion(exchange.request.headers.ifMatch));
    return version === undefined ? { status: 204 } : { status: 204, version };
  };
}

/** `PUT /Type?…`, `PATCH /Type?…`, `DELETE /Type?…`: the one resource the query finds. */
async function conditionalId<Row extends StoredRow>(
  unit: Unit,
  kind: ResourceKind<Row>,
  { request }: Exchange,
): Promise<string | undefined> {
  const match = await soleMatch(unit, kind, request.query);
  return match?.id;
}

function search<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const request = readSearch(unit, kind.type, exchange.request);
    const found = await searchResources(unit, kind, request);
    return { status: 200, resource: searchBundle(exchange, kind.type, request, found) };
  };
}

function instance<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const asked = readHistoryQuery(exchange.request.query);
    const history = await instanceHistory(unit, kind, exchange.parameters['id'] ?? '', asked);
    return { status: 200, resource: historyBundle(exchange, kind.type, asked, history) };
  };
}

function type<Row extends StoredRow>(kind: ResourceKind<Row>): Work {
  return async (unit, exchange) => {
    const asked = readHistoryQuery(exchange.request.query);
    return { status: 200, resource: historyBundle(exchange, kind.type, asked, await typeHistory(unit, kind, asked)) };
  };
}

function found({ resource, version, recordedAt }: Stored): FhirResponse {
  return { status: 200, resource, version, lastModified: recordedAt };
}

function changed(
  { type }: { readonly type: string },
  { resource, id, version, recordedAt, created }: Stored,
): FhirResponse {
  return {
    status: created ? 201 : 200,
    resource,
    version,
    lastModified: recordedAt,
    location: `${type}/${id}/_history/${version}`,
    changed: true,
  };
}
