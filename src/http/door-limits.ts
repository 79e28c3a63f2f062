import type { Lane } from './lane.ts';

/** How long a socket may take, in milliseconds. */
export interface DoorTimes {
  /** Until the headers of a request are there. */
  readonly headers: number;
  /** Until a body that is read as a whole is there. */
  readonly body: number;
  /** That nothing at all goes over it, in either direction. */
  readonly idle: number;
  /** That it is kept for another request. */
  readonly keepAlive: number;
}

/** How many requests are taken in a minute. */
export interface DoorRates {
  /** Of one client. */
  readonly client: number;
  /** Of one citizen. */
  readonly citizen: number;
  /** From one address, of those that say of nobody who sends them. */
  readonly address: number;
}

/** How many requests are worked on at once. */
export interface WorkLimits {
  /** Of each lane and those after it together. */
  readonly places: Readonly<Record<Lane, number>>;
  /** Most that wait in one lane. */
  readonly waiting: number;
  /** How long one may wait, in milliseconds. */
  readonly patience: number;
  /** Migrations that arrive as lines, at once. */
  readonly streams: number;
}

/** What the door allows. */
export interface DoorLimits {
  readonly times: DoorTimes;
  readonly rates: DoorRates;
  readonly work: WorkLimits;
}
