import type {
  CapabilityStatement,
  CapabilityStatementRest,
  CapabilityStatementRestResource,
  CapabilityStatementRestResourceInteraction,
  CapabilityStatementRestResourceOperation,
  CapabilityStatementRestResourceSearchParam,
} from '@medplum/fhirtypes';
import type { Conformance } from './conformance.ts';
import { INCLUDES, REVINCLUDES } from './search-page.ts';
import type { Inclusion } from './search-page.ts';
import { BY_BSN } from './search-request.ts';

/** What one row of the route table does, in FHIR's words. */
export type RouteDescription =
  | { readonly system: 'batch' | 'transaction' }
  | { readonly resourceType: string; readonly operation: string }
  | {
      readonly resourceType: string;
      readonly interaction: NonNullable<CapabilityStatementRestResourceInteraction['code']>;
      /** Also by condition: `If-None-Exist`, or a query instead of an id, or `If-None-Match` for a read. */
      readonly conditional?: boolean;
    };

export interface ServerDescription {
  readonly baseUrl: string;
  readonly version: string;
  /** When what the server can do last changed, as a FHIR dateTime. */
  readonly date: string;
}

type ResourceRoute = Exclude<RouteDescription, { readonly system: string }>;
type InteractionRoute = Extract<RouteDescription, { readonly interaction: string }>;
type Searching = Pick<Conformance, 'searchRules' | 'operationDefinitions' | 'structureDefinitions'>;

/**
 * The CapabilityStatement of a server that has exactly these routes. https://hl7.org/fhir/R4/capabilitystatement.html
 *
 * @throws Error when an operation has no definition: the server then does not start.
 */
export function capabilityStatement(
  routes: readonly RouteDescription[],
  conformance: Searching,
  { baseUrl, version, date }: ServerDescription,
): CapabilityStatement {
  return {
    resourceType: 'CapabilityStatement',
    id: 'akkoord',
    url: 'https://akkoord.example/fhir/CapabilityStatement/akkoord',
    version,
    name: 'Akkoord',
    title: 'Akkoord consent server',
    status: 'active',
    date,
    publisher: 'Akkoord',
    kind: 'instance',
    software: { name: 'Akkoord', version },
    implementation: { description: 'Akkoord consent server', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    ...(routes.some(isPatch) && { patchFormat: ['application/json-patch+json'] }),
    rest: [restOf(routes, conformance)],
  };
}

const KEYS =
  'A POST that records something takes an Idempotency-Key: for 24 hours the same request with the same key is answered the ' +
  'same and does nothing; another request with it is refused (422).';

function restOf(routes: readonly RouteDescription[], conformance: Searching): CapabilityStatementRest {
  const ofTypes = routes.filter((route): route is ResourceRoute => 'resourceType' in route);
  const types = [...new Set(ofTypes.map(({ resourceType }) => resourceType))];
  const systems = routes.flatMap((route) => ('system' in route ? [{ code: route.system }] : []));
  return {
    mode: 'server',
    documentation: KEYS,
    security: {
      cors: false,
      service: [
        {
          coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' }],
        },
      ],
      description: 'Every call but this one and the definitions needs a bearer token. A BSN never stands in a URL.',
    },
    resource: types.map((type) =>
      resourceOf(
        type,
        ofTypes.filter(({ resourceType }) => resourceType === type),
        conformance,
      ),
    ),
    ...(systems.length > 0 && { interaction: systems }),
  };
}

function resourceOf(
  type: string,
  routes: readonly ResourceRoute[],
  conformance: Searching,
): CapabilityStatementRestResource {
  const interactions = routes.filter((route): route is InteractionRoute => 'interaction' in route);
  const codes = [...new Set(interactions.map(({ interaction }) => interaction))];
  const profiles = profilesOf(type, conformance);
  const called = new Set(routes.flatMap((route) => ('operation' in route ? [route.operation] : [])));
  const operations = [...called].map((operation) => operationOf(type, operation, conformance));
  return {
    type: type as NonNullable<CapabilityStatementRestResource['type']>,
    ...(profiles.length > 0 && { supportedProfile: profiles }),
    interaction: codes.map((code) => ({ code })),
    ...versioningOf(new Set(codes)),
    ...conditionsOf(interactions),
    ...(codes.includes('search-type') && searchOf(type, conformance)),
    ...(operations.length > 0 && { operation: operations }),
  };
}

function profilesOf(type: string, { structureDefinitions }: Searching): string[] {
  const profiles = [...structureDefinitions.values()].filter(
    (definition) => definition.type === type && definition.derivation === 'constraint',
  );
  return profiles.map(({ url }) => url);
}

function versioningOf(codes: ReadonlySet<string>): Partial<CapabilityStatementRestResource> {
  if (!codes.has('vread')) return { versioning: 'no-version' };
  return {
    versioning: codes.has('update') ? 'versioned-update' : 'versioned',
    readHistory: codes.has('history-instance'),
    ...(codes.has('update') && { updateCreate: false }),
  };
}

function conditionsOf(routes: readonly InteractionRoute[]): Partial<CapabilityStatementRestResource> {
  const is = (code: string): boolean =>
    routes.some((route) => route.interaction === code && route.conditional === true);
  return {
    ...(is('create') && { conditionalCreate: true }),
    ...(is('read') && { conditionalRead: 'full-support' }),
    ...(is('update') && { conditionalUpdate: true }),
    ...(is('delete') && { conditionalDelete: 'single' }),
  };
}

function searchOf(type: string, { searchRules }: Searching): Partial<CapabilityStatementRestResource> {
  const [include, revinclude] = [namesOf(INCLUDES.get(type)), namesOf(REVINCLUDES.get(type))];
  const defined = [...(searchRules.get(type) ?? [])].map(
    ([name, { definition }]): CapabilityStatementRestResourceSearchParam => ({
      name,
      definition: definition.url,
      type: definition.type,
      documentation: definition.description,
    }),
  );
  return {
    ...(include.length > 0 && { searchInclude: include }),
    ...(revinclude.length > 0 && { searchRevInclude: revinclude }),
    ...(defined.length > 0 && { searchParam: [...defined, ...chainsOf(type)] }),
  };
}

function chainsOf(type: string): CapabilityStatementRestResourceSearchParam[] {
  const chains = [...BY_BSN]
    .map((one) => one.split(' '))
    .filter(([owner, name]) => owner === type && name?.includes('.'));
  return chains.map(([, name = '']) => ({
    name,
    type: 'token',
    documentation: 'The citizen, by BSN; in the body of a POST search only.',
  }));
}

function namesOf(inclusions: readonly Inclusion[] | undefined): string[] {
  return (inclusions ?? []).map(({ source, param }) => `${source}:${param}`);
}

function operationOf(
  type: string,
  code: string,
  { operationDefinitions }: Searching,
): CapabilityStatementRestResourceOperation {
  const definition = [...operationDefinitions.values()].find(
    (one) => one.code === code && one.resource?.some((resource) => resource === type),
  );
  if (definition?.url === undefined) throw new Error(`The operation ${code} of ${type} has no definition.`);
  return { name: code, definition: definition.url };
}

function isPatch(route: RouteDescription): boolean {
  return 'interaction' in route && route.interaction === 'patch';
}
