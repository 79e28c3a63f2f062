import type { Bundle } from '@medplum/fhirtypes';
import { freshBsn } from '../http/people.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer } from '../setup/test-server.ts';
import { at, chooseTimes, firsts, hasNumber, upTo } from './arrivals.ts';
import { after, endless, MISBEHAVIOURS } from './behaviours.ts';
import { HASTE, subscribeAt, useStage } from './holders.ts';
import { type Arrival, openReceiver, receive } from './receiver.ts';
import { numberOf, numbersIn } from './told.ts';

const stage = useStage();

describe('a receiver that', () => {
  it.each(MISBEHAVIOURS)('%s gets each notification again, the same, before the next', async (_what, behaviour) => {
    const { server, receiver } = stage();
    const bsn = freshBsn();
    receiver.behave(after(1, behaviour));
    const { path } = await subscribeAt(stage(), bsn);
    await chooseTimes(server, bsn, 2);
    const enough = (arrivals: readonly Arrival[]) =>
      at(path)(arrivals).filter((one) => numberOf(one) === 3).length === 2;
    const arrivals = at(path)(await receiver.until(enough));
    expect(arrivals.map(numberOf)).toEqual([1, 1, 2, 2, 3, 3]);
    for (const number of upTo(3)) {
      const [one, other] = arrivals.filter((arrival) => numberOf(arrival) === number);
      expect(other?.body).toBe(one?.body);
      expect(other?.headers['webhook-id']).toBe(one?.headers['webhook-id']);
    }
    expect(at('/elsewhere')(receiver.arrivals)).toEqual([]);
  });

  it('receives and then talks without end gets each notification once', async () => {
    const { server, receiver } = stage();
    const bsn = freshBsn();
    receiver.behave(endless(200));
    const { path } = await subscribeAt(stage(), bsn);
    await chooseTimes(server, bsn, 2);
    const arrivals = at(path)(await receiver.until(hasNumber(path, 3)));
    expect(arrivals.map(numberOf)).toEqual([1, 2, 3]);
  });
});

describe('many changes', () => {
  it('of many citizens at once arrive in order, none missing, none invented', async () => {
    const { server, receiver } = stage();
    const bsns = Array.from({ length: 5 }, freshBsn);
    const subscriptions = await Promise.all(bsns.map((bsn) => subscribeAt(stage(), bsn)));
    await Promise.all(bsns.map((bsn) => chooseTimes(server, bsn, 9)));
    for (const { path, id } of subscriptions) {
      const arrivals = at(path)(await receiver.until(hasNumber(path, 10)));
      expect(arrivals.map(numberOf)).toEqual(upTo(10));
      const replayed = await server.fhir<Bundle>(`/Subscription/${id}/$events`, { as: 'gp' });
      expect(numbersIn(replayed.body)).toEqual(upTo(10));
    }
  });

  it('are delivered by two servers on one database in order too, each once', async () => {
    const { server, receiver } = stage();
    const other = await openTestServer({ beside: server, delivery: HASTE });
    try {
      const bsns = Array.from({ length: 6 }, freshBsn);
      const subscriptions = await Promise.all(bsns.map((bsn) => subscribeAt(stage(), bsn)));
      await Promise.all(bsns.map((bsn, index) => chooseTimes(index % 2 === 0 ? server : other, bsn, 7)));
      for (const { path } of subscriptions) {
        const arrivals = at(path)(await receiver.until(hasNumber(path, 8)));
        expect(arrivals.map(numberOf)).toEqual(upTo(8));
      }
    } finally {
      await other.close();
    }
  });

  it('are told by one server what another left when it stopped', async () => {
    const { server, receiver } = stage();
    const other = await openTestServer({ beside: server, delivery: { ...HASTE, timeout: 60_000 } });
    const bsn = freshBsn();
    receiver.behave(() => undefined);
    const { path } = await subscribeAt({ server: other, receiver }, bsn);
    await receiver.until((arrivals) => at(path)(arrivals).length > 0);
    receiver.behave(receive);
    await other.close();
    await chooseTimes(server, bsn, 1);
    expect(firsts(at(path)(await receiver.until(hasNumber(path, 2))))).toEqual([1, 2]);
  });
});

describe('a receiver that does not answer', () => {
  it(
    'keeps nobody else waiting, however much there is for it, and has no more than its share under way',
    async () => {
      const [dead, living] = [await openReceiver(), await openReceiver()];
      const server = await openTestServer({ delivery: { ...HASTE, timeout: 60_000 } });
      try {
        dead.behave(() => undefined);
        for (let count = 0; count < 40; count += 1) await subscribeAt({ server, receiver: dead }, freshBsn());
        const bsn = freshBsn();
        const { path } = await subscribeAt({ server, receiver: living }, bsn);
        await chooseTimes(server, bsn, 3);
        expect(at(path)(await living.until(hasNumber(path, 4))).map(numberOf)).toEqual(upTo(4));
        expect(dead.arrivals).toHaveLength(1);
      } finally {
        await server.close();
        await dead.close();
        await living.close();
      }
    },
    LIMIT_MS,
  );
});
