import type { Subscription } from '@medplum/fhirtypes';
import { LIMIT_MS } from '../setup/test-database.ts';
import type { TestServer } from '../setup/test-server.ts';
import { choose } from './holders.ts';
import type { Arrival } from './receiver.ts';
import { numberOf } from './told.ts';

/** What arrived at one address. */
export const at = (path: string) => (arrivals: readonly Arrival[]) => arrivals.filter((one) => one.path === path);
/** Whether the event with this number has arrived at this address. */
export const hasNumber = (path: string, number: number) => (arrivals: readonly Arrival[]) =>
  at(path)(arrivals).some((one) => numberOf(one) === number);

/** Choices that change what stands for the GP practice every time. */
export async function chooseTimes(server: TestServer, bsn: string, times: number): Promise<void> {
  for (let turn = 0; turn < times; turn += 1) await choose({ server }, bsn, turn % 2 === 0 ? 'all' : 'none');
}

/** The numbers as they arrived first, without repetitions. */
export const firsts = (arrivals: readonly Arrival[]) => [...new Set(arrivals.map(numberOf))];
export const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** The status that a Subscription shows. */
export async function statusOf(server: TestServer, id: string): Promise<string> {
  const { body } = await server.fhir<Subscription>(`/Subscription/${id}`, { as: 'gp' });
  return body.status;
}

export async function untilStatus(server: TestServer, id: string, status: string): Promise<void> {
  const end = Date.now() + LIMIT_MS / 4;
  while ((await statusOf(server, id)) !== status) if (Date.now() > end) throw new Error(`it is never ${status}`);
}
