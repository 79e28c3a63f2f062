import { readFileSync } from 'node:fs';
import { capabilityStatement, type RouteDescription } from '../fhir/capability.ts';
import type { Conformance } from '../fhir/conformance.ts';
import type { PublicRoute, Route } from './route-table.ts';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** `/metadata`, made from the route table, so that it says what the server does and nothing else. */
export function capabilityRoute(routes: readonly Route[], conformance: Conformance, baseUrl: string): PublicRoute {
  const date = new Date().toISOString();
  const resource = capabilityStatement(routes.flatMap(describe), conformance, { baseUrl, version, date });
  return { method: 'GET', path: '/metadata', target: 'public', answer: () => ({ status: 200, resource }) };
}

function describe({ method, path, target }: Route): RouteDescription[] {
  const [, resourceType = '', second = '', third = ''] = path.split('/');
  if (path === '/') return [{ system: 'batch' }, { system: 'transaction' }];
  const operation = [second, third].find((part) => part.startsWith('$'));
  if (operation !== undefined) return [{ resourceType, operation: operation.slice(1) }];
  if (target === 'public') return [{ resourceType, interaction: second === '' ? 'search-type' : 'read' }];
  const word = target.split('.')[1];
  if (word === 'history')
    return [{ resourceType, interaction: second === ':id' ? 'history-instance' : 'history-type' }];
  const interaction = (word === 'search' ? 'search-type' : word) as Interaction;
  const conditional = interaction === 'create' || interaction === 'read' || (method !== 'GET' && second === '');
  return [{ resourceType, interaction, ...(conditional ? { conditional } : {}) }];
}

type Interaction = Extract<RouteDescription, { interaction: string }>['interaction'];
