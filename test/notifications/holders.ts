import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle, Subscription } from '@medplum/fhirtypes';
import { type Registration, subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import type { DeliverySettings } from '../../src/config.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';
import { GP } from '../http/people.ts';
import { choice } from '../http/questions.ts';
import { openReceiver, receive, type Receiver } from './receiver.ts';

/** Short waits, so that a test need not wait for them. */
export const HASTE: DeliverySettings = { timeout: 400, firstWait: 20, longestWait: 100, expiry: 60_000 };

/** A server that delivers in haste, and a holder's system beside it. */
export interface Stage {
  readonly server: TestServer;
  readonly receiver: Receiver;
}

export function useStage(delivery: Partial<DeliverySettings> = {}): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    const receiver = await openReceiver();
    stage = { receiver, server: await openTestServer({ delivery: { ...HASTE, ...delivery } }) };
  }, LIMIT_MS);
  beforeEach(() => stage?.receiver.behave(receive));
  afterAll(async () => {
    await stage?.server.close();
    await stage?.receiver.close();
  }, LIMIT_MS);
  return () => {
    if (stage === undefined) throw new Error('the stage is set before the first test');
    return stage;
  };
}

/** A subscription of the GP practice whose notifications go to this receiver, at a path of their own. */
export async function subscribeAt(
  { server, receiver }: Stage,
  bsn: string,
  more: Partial<Registration> & { readonly as?: string; readonly header?: string[] } = {},
): Promise<Subscription & { readonly id: string; readonly path: string }> {
  const { as = 'gp', header, ...registration } = more;
  const path = `/${as}/${bsn.slice(-4)}`;
  const wanted = { bsn, ura: GP, holderType: 'Z3', endpoint: `${receiver.url}${path}`, ...registration };
  const body = subscriptionOf(wanted);
  const answer = await server.fhir<Subscription & { id: string }>('/Subscription', {
    as,
    body: { ...body, channel: { ...body.channel, ...(header === undefined ? {} : { header }) } },
  });
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  return { ...answer.body, path };
}

/** One answer of a citizen. */
export function answer(
  decision: 'permit' | 'deny' | 'clear',
  holder: { readonly holderCategory: string } | { readonly holder: string },
  requester: { readonly requesterCategory: string } | { readonly requester: string },
): object[] {
  const identifier = (value: string) => ({ system: 'http://fhir.nl/fhir/NamingSystem/ura', value });
  return [
    'holder' in holder
      ? { name: 'holder', valueIdentifier: identifier(holder.holder) }
      : { name: 'holderCategory', valueCode: holder.holderCategory },
    'requester' in requester
      ? { name: 'requester', valueIdentifier: identifier(requester.requester) }
      : { name: 'requesterCategory', valueCode: requester.requesterCategory },
    { name: 'decision', valueCode: decision },
  ];
}

/** Records answers of a citizen, or everything or nothing. */
export async function choose(
  { server }: Pick<Stage, 'server'>,
  bsn: string,
  chosen: 'all' | 'none' | readonly object[][],
): Promise<void> {
  const body = typeof chosen === 'string' ? choice(bsn, chosen) : choice(bsn, 'certain', chosen);
  const { status, body: said } = await server.fhir('/Consent/$choose', { as: `citizen:${bsn}`, body });
  if (status !== 200) throw new Error(JSON.stringify(said));
}

/** A notification as the sandbox keeps it. */
export interface Kept {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bundle;
}

/** The newest notification that the sandbox keeps for an organisation, once it has so many. */
export async function newestInMailbox(server: TestServer, ura: string, count = 1): Promise<Kept> {
  const end = Date.now() + LIMIT_MS / 4;
  for (;;) {
    const { body: kept } = await server.ask<Kept[]>(`/sandbox/notifications/${ura}`);
    const [newest] = kept;
    if (newest !== undefined && kept.length >= count) return newest;
    if (Date.now() > end) throw new Error(`the sandbox keeps ${kept.length} notifications for this organisation`);
    await sleep(20);
  }
}
