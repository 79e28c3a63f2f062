import { endBody, grantBody, granted } from '../http/emergency.ts';
import * as family from '../http/family.ts';
import { bundle, get } from '../http/bundle.ts';
import { collection, migrated } from '../http/migrating.ts';
import { requestFor, type Scene, setScene } from '../http/permission-calls.ts';
import { PERMISSIONS, type Row } from '../http/permission-table.ts';
import { parameters } from '../http/questions.ts';
import type { Call, TestServer } from '../setup/test-server.ts';

/** One call of a route and what must become of it. */
export interface RouteCall {
  readonly path: string;
  readonly call: Call;
}

type Kind = 'granted' | 'refused' | 'invalid';

const code = (text: string) => ({ name: 'code', valueString: text });

/** Routes that need something to have happened before. */
const PREPARED: Readonly<Record<string, (server: TestServer, scene: Scene) => Promise<Call>>> = {
  '/Consent/$end-emergency': async (server, { owner }) => {
    const { id } = await granted(server, owner);
    return { as: `citizen:${owner}`, body: endBody(id) };
  },
  '/Consent/$grant-emergency': (_, { owner }) => Promise.resolve({ as: 'post', body: grantBody(owner) }),
  '/Consent/$pairing-code': async (server) => {
    const { child } = await family.proposing(server);
    return { as: `citizen:${child}`, body: parameters([]) };
  },
  '/Consent/$review': async (server) => {
    const proposed = await family.proposing(server);
    return { as: `citizen:${await family.parent(server)}`, body: parameters([code(proposed.code)]) };
  },
  '/Consent/$confirm': async (server) => {
    const proposed = await family.proposing(server);
    const decision = { name: 'decision', valueCode: 'confirm' };
    return { as: `citizen:${await family.parent(server)}`, body: parameters([code(proposed.code), decision]) };
  },
  '/Consent/$migrate': (_, { owner }) =>
    Promise.resolve({ as: 'gp', body: collection([migrated(owner, { permit: ['RPZAC005'] })]) }),
  '/': (_, { subscription }) =>
    Promise.resolve({ as: 'gp', body: bundle('batch', [get(`Subscription/${subscription}`)]) }),
};

/** How many records a granted call leaves, where it is not one: a parent and a child, a whole and what is in it. */
const RECORDS: Readonly<Record<string, number>> = {
  '/Consent/$review': 2,
  '/Consent/$confirm': 2,
  '/Consent/$migrate': 2,
  '/': 2,
};

export function recordsOf(route: string): number {
  return RECORDS[route.split(' ')[1] ?? ''] ?? 1;
}

/** The first caller whose cell begins with one of these, in their order. */
function callerWith(row: Row, beginnings: readonly string[]): string {
  for (const beginning of beginnings) {
    const found = Object.entries(row).find(([, cell]) => cell.startsWith(beginning));
    if (found !== undefined) return found[0];
  }
  throw new Error(`nobody is answered ${beginnings.join(' or ')}`);
}

function tokenOf(scene: Scene, caller: string): Pick<Call, 'as'> {
  if (caller === 'nobody') return {};
  if (caller === 'other') return { as: `citizen:${scene.stranger}` };
  if (caller === 'own' || caller === 'absent') return { as: `citizen:${scene.owner}` };
  return { as: caller.replace(', absent', '') };
}

/** What this route can be asked about. */
export async function sceneOf(server: TestServer, route: string): Promise<Scene> {
  const scene = await setScene(server, !/ \/Patient/.test(route));
  if (route === 'POST /Patient') {
    await server.fhir(`/Patient/${scene.patient.id}`, { method: 'DELETE', as: `citizen:${scene.owner}` });
  }
  return scene;
}

/** A call of this route that is granted (once in a scene), refused for who calls, or that cannot be read. */
export async function callOf(server: TestServer, scene: Scene, route: string, kind: Kind): Promise<RouteCall> {
  const [method = '', template = ''] = route.split(' ');
  if (kind === 'refused') return asTable(scene, route, ['403', '404', '401']);
  const prepare = PREPARED[template];
  const good =
    prepare === undefined
      ? asTable(scene, route, ['200', '201', '204'])
      : { path: template, call: { method, ...(await prepare(server, scene)) } };
  return kind === 'granted' ? good : broken(good, template.includes(':id'));
}

function asTable(scene: Scene, route: string, beginnings: readonly string[]): RouteCall {
  const caller = callerWith(PERMISSIONS[route] ?? {}, beginnings);
  const { path, call } = requestFor(scene, route, caller);
  return { path, call: { ...call, ...tokenOf(scene, caller) } };
}

/** The same with a body that ends too early, a parameter that nothing knows, or a form of answer that there is not. */
function broken({ path, call }: RouteCall, isOne: boolean): RouteCall {
  if (typeof call.body === 'object') return { path, call: { ...call, body: JSON.stringify(call.body).slice(0, -1) } };
  if (typeof call.body === 'string') return { path, call: { ...call, body: `${call.body}&colour=red` } };
  if (isOne) return { path, call: { ...call, headers: { ...call.headers, Accept: 'application/fhir+xml' } } };
  return { path: `${path}${path.includes('?') ? '&' : '?'}colour=red`, call };
}
