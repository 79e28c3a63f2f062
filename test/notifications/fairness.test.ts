import { setTimeout as sleep } from 'node:timers/promises';
import { LIMIT_MS } from '../setup/test-database.ts';
import { freshBsn } from '../http/people.ts';
import { choose, subscribeAt, useStage } from './holders.ts';
import { openReceiver, type Receiver } from './receiver.ts';
import { numberOf } from './told.ts';

/** Longer than the tests take: who is slow here stays slow. */
const stage = useStage({ timeout: 50_000 });

/** A receiver that answers when it is told to. */
interface Slow extends Receiver {
  answerAll(): void;
}

async function openSlow(): Promise<Slow> {
  const receiver = await openReceiver();
  const waiting: (() => void)[] = [];
  let isReleased = false;
  receiver.behave((_arrival, response) => {
    const answer = () => void response.writeHead(200).end();
    if (isReleased) answer();
    else waiting.push(answer);
  });
  const answerAll = () => {
    isReleased = true;
    for (const answer of waiting) answer();
  };
  return { ...receiver, answerAll };
}

describe('a receiver', () => {
  it(
    'is not delayed by many others that take their time',
    async () => {
      const slow = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(openSlow));
      for (const receiver of slow) {
        for (let turn = 0; turn < 4; turn += 1) {
          const bsn = freshBsn();
          await subscribeAt({ ...stage(), receiver }, bsn, { endpoint: `${receiver.url}/${bsn.slice(-4)}` });
        }
      }
      await Promise.all(slow.map((receiver) => receiver.until(({ length }) => length > 0)));
      const { path } = await subscribeAt(stage(), freshBsn());
      await stage().receiver.until((arrivals) => arrivals.some((arrival) => arrival.path === path));
      for (const receiver of slow) receiver.answerAll();
      for (const receiver of slow) await receiver.until(({ length }) => length === 4);
      for (const receiver of slow) await receiver.close();
    },
    LIMIT_MS,
  );

  it(
    'gets nothing more once its holder has named another',
    async () => {
      const [old, next] = [await openSlow(), await openReceiver()];
      const bsn = freshBsn();
      const subscription = await subscribeAt({ ...stage(), receiver: old }, bsn, { header: ['X-Key: old'] });
      await old.until(({ length }) => length === 1);
      await choose(stage(), bsn, 'all');
      const { id, path, ...resource } = subscription;
      const channel = { ...resource.channel, endpoint: `${next.url}${path}`, header: ['X-Key: new'] };
      const body = { ...resource, id, status: 'requested', channel };
      const changed = await stage().server.fhir(`/Subscription/${id}`, { as: 'gp', method: 'PUT', body });
      expect(changed.status).toBe(200);
      await choose(stage(), bsn, 'none');
      const arrivals = await next.until((all) => all.some((arrival) => numberOf(arrival) === 3));
      expect(new Set(arrivals.map(numberOf))).toEqual(new Set([1, 2, 3]));
      expect(new Set(arrivals.map(({ headers }) => headers['x-key']))).toEqual(new Set(['new']));
      old.answerAll();
      await sleep(0);
      await choose(stage(), bsn, 'all');
      await next.until((all) => all.some((arrival) => numberOf(arrival) === 4));
      expect(old.arrivals.map(numberOf)).toEqual([1]);
      await old.close();
      await next.close();
    },
    LIMIT_MS,
  );
});
