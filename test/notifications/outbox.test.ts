import { until } from '../http/mails.ts';
import { freshBsn } from '../http/people.ts';
import { scrape } from '../http/scrape.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { chooseTimes } from './arrivals.ts';
import { subscribeAt, useStage } from './holders.ts';
import { receive } from './receiver.ts';

const stage = useStage();

it(
  'the metrics say how many notifications wait for a holder that does not answer, and for how long, until it does',
  async () => {
    const { server, receiver } = stage();
    const waiting = async () => (await scrape(server)).get('akkoord_outbox_waiting{kind="notifications"}');
    const oldest = async () => (await scrape(server)).get('akkoord_outbox_oldest_seconds{kind="notifications"}') ?? -1;
    // What the sandbox begins with.
    await until(async () => (await waiting()) === 0);
    receiver.behave((_arrival, response) => void response.writeHead(503).end());
    const bsn = freshBsn();
    await subscribeAt(stage(), bsn);
    const told = (await waiting()) ?? 0;
    await chooseTimes(server, bsn, 3);
    expect(await waiting()).toBe(told + 3);
    const first = await oldest();
    expect(first).toBeGreaterThan(0);
    expect(await oldest()).toBeGreaterThan(first);
    receiver.behave(receive);
    await until(async () => (await waiting()) === 0);
    expect(await oldest()).toBe(0);
  },
  LIMIT_MS,
);
