import type { Bundle } from '@medplum/fhirtypes';
import express from 'express';
import { createRoutes } from '../../src/http/routes.ts';
import { useTestServer, type Answer } from '../setup/test-server.ts';
import { addressesOf } from './addresses.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { GP } from './people.ts';
import { requestFor, type Scene, setScene } from './permission-calls.ts';
import { OTHER_ADDRESSES, PERMISSIONS } from './permission-table.ts';

const server = useTestServer();

const OTHERS = Object.entries(OTHER_ADDRESSES).map(([address, { nobody = '' }]) => ({ address, nobody }));
/** Headers of the answer, name of the request, end of its connection, measurement, two limits, one reading; and at the end: nothing here. */
const STEPS = 7;
const CALLERS = [
  ...['gp', 'pharmacy', 'hospital', 'gp, absent', 'exchange', 'auditor', 'admin'],
  ...['own', 'other', 'absent', 'nobody'],
];

describe('the table of permissions', () => {
  it('has a row for every guarded address and no other', () => {
    const routes = createRoutes(server().server.register, 'http://127.0.0.1/fhir');
    const guarded = routes.filter(({ target }) => target !== 'public').map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(PERMISSIONS).sort()).toEqual([...guarded].sort());
  });

  it('says of every caller what is answered', () => {
    for (const row of Object.values(PERMISSIONS)) expect(Object.keys(row)).toEqual(CALLERS);
  });

  it('lets nobody in without a token', () => {
    expect(new Set(Object.values(PERMISSIONS).map(({ nobody }) => nobody))).toEqual(new Set(['401']));
  });
});

describe('the table of what is outside', () => {
  it('has a row for every address of the stack and no other', () => {
    const found = addressesOf(server().server.stack.app);
    expect(found.filter((address) => address === '* /*')).toHaveLength(STEPS);
    const distinct = new Set(found.filter((address) => address !== '* /*'));
    expect([...distinct].sort()).toEqual(OTHERS.map(({ address }) => address).sort());
  });

  it('would miss a route that is added to the stack', () => {
    const app = express();
    app.use('/fhir', () => undefined);
    app.use(
      '/admin',
      express.Router().get('/clients/:id', () => undefined),
    );
    app.post('/debug', () => undefined);
    app.use(() => undefined);
    expect(addressesOf(app)).toEqual(['* /fhir/*', 'GET /admin/clients/:id', 'POST /debug', '* /*']);
  });

  it.each(OTHERS)('$address answers who has nothing with $nobody', async ({ address, nobody }) => {
    const [method = '', path = ''] = address.split(' ');
    const asked = path.replace(':ura', GP).replace(/:uid|[*]/, 'nothing');
    const answer = await server().ask(asked, { method: method === '*' ? 'GET' : method });
    expect(String(answer.status)).toBe(nobody);
  });
});

function tokenOf(scene: Scene, caller: string): { as?: string } {
  if (caller === 'nobody') return {};
  if (caller === 'other') return { as: `citizen:${scene.stranger}` };
  if (caller === 'own' || caller === 'absent') return { as: `citizen:${scene.owner}` };
  return { as: caller.replace(', absent', '') };
}

/** The status, and of a list whether something of the scene is in it. */
function summary(scene: Scene, { status, body }: Answer<unknown>): string {
  const { resourceType, entry = [] } = (body ?? {}) as Partial<Bundle>;
  if (resourceType === undefined || entry.length === 0) return `${status} empty`;
  const text = JSON.stringify(entry);
  const things = [scene.patient.id, scene.consent.id, scene.organization.id, scene.subscription];
  return `${status} ${things.some((id) => text.includes(id)) ? 'found' : 'empty'}`;
}

/** An instance's history and the list a choice gives are found by their address, not searched for. */
function comparable(expected: string, answered: string): string {
  return expected.includes(' ') ? answered : (answered.split(' ')[0] ?? '');
}

async function callerMay(scene: Scene, route: string, caller: string, expected: string): Promise<void> {
  const { path, call } = requestFor(scene, route, caller);
  const { id, headers } = namedRequest();
  const before = await storedRows(server());
  const answer = await server().fhir(path, {
    ...call,
    ...tokenOf(scene, caller),
    headers: { ...call.headers, ...headers },
  });
  expect(`${caller}: ${comparable(expected, summary(scene, answer))}`).toBe(`${caller}: ${expected}`);
  const records = await logged(server(), id);
  expect(records.length).toBeGreaterThan(0);
  expect(new Set(records.map(({ outcome }) => outcome))).toEqual(new Set([answer.status < 400 ? '0' : '4']));
  const writers = route.includes('/Subscription') ? ['gp', 'gp, absent'] : ['own', 'admin', 'absent', 'hospital'];
  if (route === 'POST /Consent/$choose') writers.push('gp', 'pharmacy');
  const mayWrite = writers.includes(caller) && answer.status < 400;
  if (!mayWrite) expect(await storedRows(server())).toEqual(before);
}

/** Refusals first, so that what a permitted caller does is not in their way. */
const refusalsFirst = ([, one]: [string, string], [, other]: [string, string]) => other.localeCompare(one);

describe.each(Object.entries(PERMISSIONS))('%s', (route, row) => {
  it('answers every caller as the table says', async () => {
    const isNew = route === 'POST /Patient';
    const scene = await setScene(server(), !/ \/Patient/.test(route));
    if (isNew) {
      const path = `/Patient/${scene.patient.id}`;
      await server().fhir(path, { method: 'DELETE', as: `citizen:${scene.owner}` });
    }
    const cells = Object.entries(row).filter(([, expected]) => expected !== '-');
    for (const [caller, expected] of cells.sort(refusalsFirst)) await callerMay(scene, route, caller, expected);
  });
});
