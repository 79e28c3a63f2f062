import type { Bundle } from '@medplum/fhirtypes';
import { createRoutes } from '../../src/http/routes.ts';
import { useTestServer, type Answer } from '../setup/test-server.ts';
import { logged, type LoggedAccess, namedRequest, storedRows } from '../http/ledger.ts';
import { PERMISSIONS } from '../http/permission-table.ts';
import { callOf, recordsOf, type RouteCall, sceneOf } from './route-calls.ts';

const server = useTestServer();
const ROUTES = Object.keys(PERMISSIONS);

interface Outcome {
  readonly answer: Answer<unknown>;
  readonly records: LoggedAccess[];
}

async function made({ path, call }: RouteCall): Promise<Outcome> {
  const { id, headers } = namedRequest();
  const answer = await server().fhir(path, { ...call, headers: { ...call.headers, ...headers } });
  expect(answer.headers.get('x-request-id')).toBe(id);
  return { answer, records: await logged(server(), id) };
}

/** What the route table calls it. A Bundle is named by what it is. */
function targetOf(route: string): string {
  const routes = createRoutes(server().server.register, '');
  return routes.find(({ method, path }) => `${method} ${path}` === route)?.target ?? '';
}

/** Who called, as the log says it. */
function callerIn({ call: { as } }: RouteCall): string | undefined {
  return as?.startsWith('citizen:') === true ? 'citizen' : as;
}

const callersOf = ({ records }: Outcome) =>
  new Set(records.map(({ client, detail }) => client ?? detail.role ?? undefined));
const outcomesOf = ({ records }: Outcome) => new Set(records.map(({ outcome }) => outcome));

/** Rights of the application's login that are taken while `work` runs. */
async function without<T>(rights: string, tables: string, work: () => Promise<T>): Promise<T> {
  const { database, applicationUrl } = server().database;
  const login = new URL(applicationUrl).username;
  await database.query(`revoke ${rights} on ${tables} from ${login}`);
  try {
    return await work();
  } finally {
    await database.query(`grant ${rights} on ${tables} to ${login}`);
  }
}

/** Everything that holds something of citizens; the log is only not read. */
const DATA = `patient, patient_history, consent, consent_history, provenance, subscription,
  subscription_history, holder_vault, citizen, pairing_code, notification, audit_event`;
/** Who calls is found together with the organisation: without these nobody is known. */
const ORGANIZATIONS = 'organization, organization_history';
const withoutLog = <T>(work: () => Promise<T>) => without('insert', 'audit_event', work);

/** These are answered, and what is in them is what failed. */
const WHOLES = new Set(['POST /', 'POST /Consent/$migrate']);

/** Lists about whoever the caller may see, which are many by then. */
const LISTS = new Set(['GET /Consent/_history', 'GET /Subscription/_history']);

/** A record for each citizen, and in them together everything that was shown. */
function expectOneEach({ answer, records }: Outcome): void {
  const { entry = [] } = answer.body as Bundle;
  expect(new Set(records.map(({ about }) => about)).size).toBe(records.length);
  expect(records.flatMap(({ detail }) => detail.entities ?? [])).toHaveLength(entry.length);
  expect(entry.length).toBeGreaterThan(1);
}

describe.each(ROUTES)('%s leaves a record', (route) => {
  it('when it is granted, refused or cannot be read', async () => {
    const scene = await sceneOf(server(), route);
    for (const [kind, outcome] of [
      ['refused', '4'],
      ['invalid', '4'],
      ['granted', '0'],
    ] as const) {
      const asked = await callOf(server(), scene, route, kind);
      const done = await made(asked);
      const { answer, records } = done;
      expect([kind, answer.status < 300, answer.status < 500]).toEqual([kind, kind === 'granted', true]);
      const isList = kind === 'granted' && LISTS.has(route);
      if (isList) expectOneEach(done);
      else expect([kind, records.length]).toEqual([kind, kind === 'granted' ? recordsOf(route) : 1]);
      expect([kind, outcomesOf(done)]).toEqual([kind, new Set([outcome])]);
      const named = records.every(({ detail }) => (detail.problem === undefined) === (kind === 'granted'));
      expect([kind, named]).toEqual([kind, true]);
      if (kind !== 'invalid') expect([kind, callersOf(done)]).toEqual([kind, new Set([callerIn(asked)])]);
      const interactions = records.map(({ interaction }) => interaction);
      if (kind !== 'invalid') expect(interactions).toContain(targetOf(route));
    }
  });

  it('when the database refuses to answer', async () => {
    const asked = await callOf(server(), await sceneOf(server(), route), route, 'granted');
    const isUnknown = route.includes('/Organization');
    const done = await without('select', isUnknown ? ORGANIZATIONS : DATA, () => made(asked));
    if (!WHOLES.has(route)) expect([done.answer.status, done.records.length]).toEqual([503, 1]);
    expect(outcomesOf(done).has('8')).toBe(true);
    expect(callersOf(done)).toEqual(new Set([isUnknown ? undefined : callerIn(asked)]));
    const again = await made(asked);
    expect(again.answer.status).toBeLessThan(300);
  });

  it('or answers nothing: whoever calls, when the log refuses', async () => {
    const scene = await sceneOf(server(), route);
    const calls: RouteCall[] = [];
    for (const kind of ['granted', 'refused', 'invalid'] as const) {
      calls.push(await callOf(server(), scene, route, kind));
    }
    const before = await storedRows(server());
    await withoutLog(async () => {
      for (const asked of calls) {
        const { answer, records } = await made(asked);
        expect([answer.status, records]).toEqual([503, []]);
        expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome' });
      }
    });
    expect(await storedRows(server())).toEqual(before);
  });
});
