import type { Bundle, Subscription } from '@medplum/fhirtypes';
import { freshBsn } from '../http/people.ts';
import { entriesOf } from '../http/answers.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { at, chooseTimes, firsts, hasNumber, statusOf, untilStatus } from './arrivals.ts';
import { subscribeAt, useStage } from './holders.ts';
import { receive } from './receiver.ts';
import { numberOf } from './told.ts';

describe('a delivery that expires', () => {
  const hopeless = useStage({ expiry: 2000 });

  it(
    'puts the subscription in error, raises an alarm that names nobody, and goes on without loss when it is sent again',
    async () => {
      const { server, receiver } = hopeless();
      const bsn = freshBsn();
      receiver.behave((_arrival, response) => void response.writeHead(503).end());
      const { id, path, channel } = await subscribeAt(hopeless(), bsn);
      await untilStatus(server, id, 'error');
      const { body } = await server.fhir<Bundle>(`/Subscription/${id}/$status`, { as: 'gp' });
      expect(JSON.stringify(body)).toContain('"valueCode":"error"');
      const found = async (status: string) =>
        entriesOf(await server.fhir(`/Subscription?status=${status}`, { as: 'gp' })).map((one) => one.id);
      expect([await found('error'), (await found('active')).includes(id)]).toEqual([[id], false]);
      const alarms = server.logged.filter((line) => line.includes('"error"') && line.includes('given up'));
      expect(alarms).toHaveLength(1);
      for (const word of [bsn, id, channel.endpoint ?? '', '00000659']) expect(alarms[0]).not.toContain(word);

      const tried = receiver.arrivals.length;
      await chooseTimes(server, bsn, 2);
      receiver.behave(receive);
      expect(receiver.arrivals).toHaveLength(tried);
      const again = await subscribeAt(hopeless(), bsn);
      expect(again.id).toBe(id);
      expect(firsts(at(path)(await receiver.until(hasNumber(path, 3))))).toEqual([1, 2, 3]);
      expect(await statusOf(server, id)).toBe('active');
      expect(await found('error')).toEqual([]);
      const { body: metrics } = await server.ask<string>('/metrics');
      for (const name of ['attempts_failed_total', 'expired_total', 'lag_seconds_count']) {
        expect(metrics).toMatch(new RegExp(`^akkoord_notification_${name} [1-9]`, 'm'));
      }
    },
    LIMIT_MS,
  );

  it(
    'goes on at another endpoint that the holder puts in its place',
    async () => {
      const { server, receiver } = hopeless();
      const bsn = freshBsn();
      receiver.behave((_arrival, response) => void response.writeHead(503).end());
      const subscription = await subscribeAt(hopeless(), bsn);
      const { id } = subscription;
      await untilStatus(server, id, 'error');
      receiver.behave(receive);
      const { body: shown } = await server.fhir<Subscription>(`/Subscription/${id}`, { as: 'gp' });
      const endpoint = `${receiver.url}/moved/${bsn.slice(-4)}`;
      const put = await server.fhir(`/Subscription/${id}`, {
        method: 'PUT',
        as: 'gp',
        body: { ...shown, status: 'requested', channel: { ...shown.channel, endpoint } },
      });
      expect(put.status).toBe(200);
      const path = new URL(endpoint).pathname;
      expect(at(path)(await receiver.until(hasNumber(path, 1))).map(numberOf)).toEqual([1]);
    },
    LIMIT_MS,
  );
});
