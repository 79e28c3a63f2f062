import { registrationOf } from '../fhir/subscription-resource.ts';
import type { Log } from '../log.ts';
import type { Surroundings } from '../outbound-address.ts';
import { problemOf } from '../problem.ts';
import { type Claim, claimDue, giveBack, postpone, recordDelivered } from '../storage/delivery.ts';
import { findHosts } from '../storage/client.ts';
import type { Sql } from '../storage/database.ts';
import { endEvents, type EventRow, findEvents } from '../storage/notification.ts';
import { type DeliveryLimits, waitAfter } from './delivery-limits.ts';
import type { HolderVaults } from './holder-vaults.ts';
import { HostSlots } from './host-slots.ts';
import { notificationSecretOf } from './notification-secret.ts';
import { post } from './post.ts';
import { signatureHeaders } from './sign.ts';
import { readSubscriber, type Subscriber } from './subscribers.ts';

/** An event written out for its receiver. */
export interface WrittenEvent {
  /** The same whenever it is written. */
  readonly id: string;
  readonly body: string;
}

/** What the worker needs. */
export interface DelivererParts {
  readonly database: Sql;
  readonly vaults: HolderVaults;
  readonly log: Log;
  readonly limits: DeliveryLimits;
  readonly write: (subscriber: Subscriber, event: EventRow) => Promise<WrittenEvent>;
  readonly observer: DeliveryObserver;
  readonly surroundings: Surroundings;
}

/** Is told how deliveries go, for the metrics. */
export interface DeliveryObserver {
  /** @param lag milliseconds from the change to its receipt */
  delivered(lag: number): void;
  failed(): void;
  expired(): void;
}

/** To whom one subscription is delivered: read once for each turn. */
interface Receiver {
  readonly subscriber: Subscriber;
  readonly secret: string;
  /** Hosts that may be called for the holder. */
  readonly hosts: readonly string[];
}

/** How often somebody looks for what is due, in milliseconds: another server may have announced it. */
const POLL = 1000;
/** How long deliveries under way may still take when the server stops, in milliseconds. */
const DRAIN = 3000;
/** A claim is kept so many times as long as one delivery can take. */
const LEASE_TIMEOUTS = 3;
/** How long one subscription is delivered to before it is another's turn, in milliseconds. */
const TURN = 500;

/**
 * Delivers notifications: each subscription's events one after the other, many subscriptions at once. What is due lies in the
 * database, so that any number of servers share the work and one that dies leaves nothing undone.
 */
export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #slots = new HostSlots();
  readonly #underWay = new Set<Promise<void>>();
  readonly #sending = new Set<AbortController>();
  readonly #lease: number;
  #loop: Promise<void> | undefined;
  #isStopping = false;
  /** Something may be due now: no need to wait for the next look. */
  #isNudged = false;
  #wake: () => void = () => undefined;

  constructor(parts: DelivererParts) {
    this.#parts = parts;
    this.#lease = parts.limits.timeout * LEASE_TIMEOUTS;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Something was announced. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake();
  }

  /** Begins nothing new, lets what is under way end or ends it, and gives back what was not delivered. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#loop;
    const deadline = setTimeout(() => {
      for (const controller of this.#sending) controller.abort();
    }, DRAIN);
    await Promise.all(this.#underWay);
    clearTimeout(deadline);
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      await this.#pause();
      await this.#takeDue().catch((error: unknown) => this.#warn('notifications could not be looked for', error));
    }
  }

  async #pause(): Promise<void> {
    if (!this.#isNudged && !this.#isStopping) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, POLL);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#isNudged = false;
  }

  async #takeDue(): Promise<void> {
    if (this.#isStopping) return;
    for (const room of this.#slots.rooms()) {
      const until = performance.now() + this.#lease;
      for (const claim of await claimDue(this.#parts.database, room, this.#lease)) this.#begin(claim, until);
    }
  }

  /** @param until when the claim lapses, by this process's clock */
  #begin(claim: Claim, until: number): void {
    this.#slots.take(claim.host);
    const work = this.#deliverAll(claim, until)
      .catch((error: unknown) => {
        this.#warn('a notification could not be handled', error);
        return this.#postpone(claim, claim.attempts);
      })
      .catch((error: unknown) => this.#warn('a notification is left until its claim lapses', error))
      .finally(() => {
        this.#underWay.delete(work);
        if (this.#slots.leave(claim.host)) this.nudge();
      });
    this.#underWay.add(work);
  }

  /** One event after the other, as long as they are received, the claim holds and it is this subscription's turn. */
  async #deliverAll(claim: Claim, lapses: number): Promise<void> {
    const { database, vaults } = this.#parts;
    if (claim.content === null) return endEvents(database, claim);
    const subscriber = readSubscriber(await vaults.keysOf(database, [claim.vault]), {
      ...claim,
      id: claim.subscriptionId,
    });
    const { ura } = registrationOf(subscriber.subscription);
    const [secret, hosts] = await Promise.all([
      notificationSecretOf(database, vaults, claim.vault),
      findHosts(database, ura),
    ]);
    const receiver = { subscriber, secret, hosts };
    const turn = performance.now() + TURN;
    let until = lapses;
    for (let number = claim.next; number === claim.next || performance.now() < turn; number += 1) {
      if (this.#isStopping) break;
      const [event] = await findEvents(database, claim, { first: number, last: number, most: 1 });
      const isReceived = event !== undefined && (await this.#send(claim, receiver, event, until));
      if (!isReceived) return this.#postpone(claim, number === claim.next ? claim.attempts : 0);
      until = performance.now() + this.#lease;
      if (!(await this.#recordDelivered(claim, event))) return;
    }
    await giveBack(database, claim);
    this.nudge();
  }

  /** Nothing is sent that could arrive after the claim has lapsed: by then another may have sent what comes after. */
  async #send({ host }: Claim, receiver: Receiver, event: EventRow, until: number): Promise<boolean> {
    const { subscriber, secret, hosts } = receiver;
    const { timeout } = this.#parts.limits;
    const { id, body } = await this.#parts.write(subscriber, event);
    const begun = performance.now();
    if (this.#isStopping || begun + timeout > until) return false;
    const { endpoint = '', header = [] } = subscriber.subscription.channel;
    const signature = signatureHeaders(secret, { id, timestamp: Math.floor(Date.now() / 1000), body });
    const headers = { 'Content-Type': 'application/fhir+json', ...signature };
    const controller = new AbortController();
    this.#sending.add(controller);
    const way = { hosts, ...this.#parts.surroundings, timeout, signal: controller.signal };
    const posted = await post({ endpoint, ownHeaders: header, headers, body }, way);
    this.#sending.delete(controller);
    if (posted === 'refused') this.#parts.log.warn('a notification was not sent: its endpoint may not be called', {});
    const isReceived = posted === 'received';
    this.#slots.noteAnswer(host, isReceived, performance.now() - begun);
    return isReceived;
  }

  /** @returns whether there are more to deliver under this claim */
  async #recordDelivered(claim: Claim, { number, recordedAt }: EventRow): Promise<boolean> {
    const { database, observer } = this.#parts;
    const recorded = await recordDelivered(database, claim, number, this.#lease);
    if (recorded === undefined) return false;
    observer.delivered(recorded.now - recordedAt);
    return recorded.hasMore;
  }

  async #postpone(claim: Claim, attempts: number): Promise<void> {
    const { database, limits, log, observer } = this.#parts;
    if (this.#isStopping) return giveBack(database, claim);
    observer.failed();
    const wait = waitAfter(limits, attempts);
    const isExpired = await postpone(database, claim, { wait, expiry: limits.expiry });
    if (wait < POLL) setTimeout(() => this.nudge(), wait).unref();
    if (!isExpired) return;
    observer.expired();
    log.error('notifications to a holder were given up: its subscription is in error', {});
  }

  #warn(message: string, error: unknown): void {
    this.#parts.log.warn(message, { problem: problemOf(error).issues[0].code });
  }
}
