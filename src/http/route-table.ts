import { problem } from '../problem.ts';
import type { Target } from '../auth/permissions.ts';
import type { Exchange, FhirResponse, PublicExchange } from './fhir-exchange.ts';

interface Address {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base; `:name` matches one segment. */
  readonly path: string;
}

/** A row that needs a caller and a permission, and leaves an audit record. */
export interface GuardedRoute extends Address {
  readonly target: Target;
  /** Whether it records something, and is done once for those who name it (`Idempotency-Key`). */
  readonly records?: boolean;
  readonly handle: (exchange: Exchange) => Promise<FhirResponse>;
}

/** A row that is open to everyone: what the server can do and the words it speaks. */
export interface PublicRoute extends Address {
  readonly target: 'public';
  readonly answer: (exchange: PublicExchange) => FhirResponse;
}

export type Route = GuardedRoute | PublicRoute;

export interface RouteMatch {
  readonly route: Route;
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the row for a request; `HEAD` is answered as `GET`.
 * @throws Problem not-found when no row has this path, method-not-allowed when only other methods have
 */
export function findRoute(routes: readonly Route[], method: string, segments: readonly string[]): RouteMatch {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const route of routes) {
    const parameters = route.method === wanted ? matchPath(route.path, segments) : undefined;
    if (parameters !== undefined) return { route, parameters };
  }
  const isOther = routesOnPath(routes, segments).length > 0;
  if (!isOther) throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
  throw problem('method-not-allowed', 'method-not-allowed', 'This address does not take this method.');
}

/** The methods an address takes, for the header `Allow`: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.1 */
export function methodsOf(routes: readonly Route[], segments: readonly string[]): string[] {
  const methods = routesOnPath(routes, segments).map(({ route }) => route.method);
  return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

function routesOnPath(routes: readonly Route[], segments: readonly string[]): RouteMatch[] {
  return routes.flatMap((route) => {
    const parameters = matchPath(route.path, segments);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
}

function matchPath(path: string, segments: readonly string[]): Record<string, string> | undefined {
  const parts = partsOf(path);
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (let at = 0; at < parts.length; at += 1) {
    const [part = '', segment = ''] = [parts[at], segments[at]];
    if (part.startsWith(':') ? !isName(part, segment) : part !== segment) return undefined;
    if (part.startsWith(':')) parameters[part.slice(1)] = segment;
  }
  return parameters;
}

const known = new Map<string, readonly string[]>();

/** What a path of the table consists of, taken apart once. */
function partsOf(path: string): readonly string[] {
  const parts = known.get(path) ?? path.split('/').filter((part) => part !== '');
  known.set(path, parts);
  return parts;
}

/** FHIR ids and version numbers: anything else is not an address of ours. https://hl7.org/fhir/R4/datatypes.html#id */
function isName(part: string, segment: string): boolean {
  return part === ':version' ? /^[1-9]\d{0,8}$/.test(segment) : /^[A-Za-z0-9.-]{1,64}$/.test(segment);
}
