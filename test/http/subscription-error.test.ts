import { randomUUID } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { postpone } from '../../src/storage/delivery.ts';
import { useTestServer } from '../setup/test-server.ts';
import { idsOf } from './answers.ts';
import { freshBsn } from './people.ts';
import { subscription } from './subscription-bodies.ts';

const server = useTestServer();

const as = 'gp';
const send = (body: Subscription) => server().fhir<Subscription>('/Subscription', { as, body });

describe('a subscription of which delivery was given up', () => {
  /** What the deliverer does when the time for an event is over; `due_at` keeps its own tries out of it. */
  async function giveUp(bsn: string, subscriptionId: string): Promise<void> {
    const { database, vault } = server().server.register;
    const claim = randomUUID();
    const taken = `
      update notification set claim = $2, due_at = null, due_since = now() - interval '1 day' where subscription_id = $1`;
    await database.query(taken, [subscriptionId, claim]);
    const patientKey = vault.keyOf(bsn);
    const lost = { patientKey, subscriptionId, claim } as Parameters<typeof postpone>[1];
    expect(await postpone(database, lost, { wait: 0, expiry: 1 })).toBe(true);
  }

  const foundBy = async (status: string, id: string) =>
    idsOf(await server().fhir(`/Subscription?status=${status}&_id=${id}`, { as }));

  it.each([
    ['POST', (bsn: string) => send(subscription(bsn))],
    ['PUT', (bsn: string, path: string) => server().fhir(path, { method: 'PUT', as, body: subscription(bsn) })],
  ])('is in error, and by a %s active again', async (_, sendAgain) => {
    const bsn = freshBsn();
    const { id = '' } = (await send(subscription(bsn))).body;
    const path = `/Subscription/${id}`;
    await giveUp(bsn, id);
    expect((await server().fhir(path, { as })).body).toMatchObject({ status: 'error' });
    expect([await foundBy('error', id), await foundBy('active', id)]).toEqual([[id], []]);
    expect((await sendAgain(bsn, path)).status).toBe(200);
    expect((await server().fhir(path, { as })).body).toMatchObject({ status: 'active' });
    expect([await foundBy('error', id), await foundBy('active', id)]).toEqual([[], [id]]);
  });
});
