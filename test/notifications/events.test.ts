import type { Bundle } from '@medplum/fhirtypes';
import { freshBsn, PHARMACY } from '../http/people.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { at, chooseTimes, hasNumber, upTo } from './arrivals.ts';
import { answer, choose, subscribeAt, useStage } from './holders.ts';
import { receive } from './receiver.ts';
import { consentsIn, numbersIn, toldIn } from './told.ts';

const stage = useStage();

describe('the events of a subscription', () => {
  it('can be had again, each as it was sent', async () => {
    const { server, receiver } = stage();
    const bsn = freshBsn();
    const { path, id } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [answer('permit', { holderCategory: 'HA' }, { requester: PHARMACY })]);
    await chooseTimes(server, bsn, 2);
    const sent = at(path)(await receiver.until(hasNumber(path, 4)));
    const { body } = await server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
    expect(consentsIn(body)).toEqual(sent.flatMap(({ bundle }) => consentsIn(bundle)));
    const parties = ({ entry = [] }: Bundle) => entry.slice(-2);
    for (const { bundle } of sent) expect(parties(body)).toEqual(parties(bundle));
  });

  it.each([
    { asked: 'eventsSinceNumber=2', numbers: [2, 3] },
    { asked: 'eventsUntilNumber=2', numbers: [1, 2] },
    { asked: 'eventsSinceNumber=2&eventsUntilNumber=2', numbers: [2] },
    { asked: 'eventsSinceNumber=4', numbers: [] },
  ])('are those asked for: $asked', async ({ asked, numbers }) => {
    const { server } = stage();
    const bsn = freshBsn();
    const { id } = await subscribeAt(stage(), bsn);
    await chooseTimes(server, bsn, 2);
    const byGet = await server.fhir<Bundle>(`/Subscription/${id}/$events?${asked}`, { as: 'gp' });
    expect(numbersIn(byGet.body)).toEqual(numbers);
    const parameter = [...new URLSearchParams(asked)].map(([name, valueString]) => ({ name, valueString }));
    const body = { resourceType: 'Parameters', parameter };
    expect((await server.fhir(`/Subscription/${id}/$events`, { as: 'gp', body })).body).toEqual(byGet.body);
    const named = { resourceType: 'Parameters', parameter: [{ name: 'id', valueId: id }, ...parameter] };
    expect((await server.fhir('/Subscription/$events', { as: 'gp', body: named })).body).toEqual(byGet.body);
  });

  it.each(['eventsSinceNumber=-1', 'eventsSinceNumber=x', 'eventsSinceNumber=1&eventsSinceNumber=2', 'from=1'])(
    'are refused for a question that cannot be read: %s',
    async (asked) => {
      const { id } = await subscribeAt(stage(), freshBsn());
      const { status } = await stage().server.fhir(`/Subscription/${id}/$events?${asked}`, { as: 'gp' });
      expect(status).toBe(400);
    },
  );

  it(
    'come in pages of a hundred',
    async () => {
      const { server } = stage();
      const bsn = freshBsn();
      const { id } = await subscribeAt(stage(), bsn);
      await chooseTimes(server, bsn, 104);
      const first = await server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
      expect(numbersIn(first.body)).toEqual(upTo(100));
      const next = first.body.link?.find(({ relation }) => relation === 'next')?.url ?? '';
      const rest = await server.fhir<Bundle>(next.slice(next.indexOf('/Subscription/')), { as: 'gp' });
      expect(numbersIn(rest.body)).toEqual([101, 102, 103, 104, 105]);
      expect(rest.body.link?.some(({ relation }) => relation === 'next')).toBe(false);
    },
    LIMIT_MS,
  );

  it('are gone with the subscription', async () => {
    const { server } = stage();
    const bsn = freshBsn();
    const { id } = await subscribeAt(stage(), bsn);
    await server.fhir(`/Subscription/${id}`, { method: 'DELETE', as: 'gp' });
    for (const operation of ['$status', '$events']) {
      expect((await server.fhir(`/Subscription/${id}/${operation}`, { as: 'gp' })).status).toBe(410);
    }
    const { database } = server.server.register;
    const kept = await database.query('select from notification_event where subscription_id = $1', [id]);
    expect(kept.rowCount).toBe(0);
  });
});

describe('a citizen who deletes the account', () => {
  it('leaves nothing in what was told, and every holder is told that nothing is allowed any more', async () => {
    const { server, receiver } = stage();
    const bsn = freshBsn();
    const { path, id } = await subscribeAt(stage(), bsn);
    await choose(stage(), bsn, [answer('permit', { holderCategory: 'HA' }, { requester: PHARMACY })]);
    await receiver.until(hasNumber(path, 2));
    receiver.behave((_arrival, response) => void response.writeHead(500).end());
    await choose(stage(), bsn, 'all');
    const body = { resourceType: 'Parameters' };
    const { status } = await server.fhir('/Patient/$delete-account', { as: `citizen:${bsn}`, body });
    expect(status).toBe(200);
    receiver.behave(receive);
    const [last] = at(path)(await receiver.until(hasNumber(path, 4))).slice(-1);
    expect(last && toldIn(last)).toMatchObject({ permit: [], permitNamed: [], denyNamed: [] });
    const replayed = await server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
    expect(numbersIn(replayed.body)).toEqual([1, 2, 3, 4]);
    expect(consentsIn(replayed.body).map((one) => one.status)).toEqual(Array(4).fill('inactive'));
    const { database } = server.server.register;
    const kept = await database.query<{ told: unknown }>(
      `select told::text from notification where subscription_id = $1
       union all select profile::text from notification_event where subscription_id = $1 and profile is not null`,
      [id],
    );
    for (const { told } of kept.rows) expect(told).not.toContain(PHARMACY);
  });
});
