import { z } from 'zod';

/** What the door allows. */
export interface DoorSettings {
  /** How long sockets may take, in milliseconds. */
  readonly times: {
    readonly headers: number;
    readonly body: number;
    readonly idle: number;
    readonly keepAlive: number;
  };
  /** Requests in a minute: of one client, of one citizen, and from one address of nobody known. */
  readonly rates: { readonly client: number; readonly citizen: number; readonly address: number };
  /** Requests worked on at once, those that may wait in one lane, and how long, in milliseconds. */
  readonly work: {
    readonly places: Readonly<Record<'urgent' | 'emergency' | 'prompt' | 'ordinary' | 'bulk', number>>;
    readonly waiting: number;
    readonly patience: number;
    readonly streams: number;
  };
}

/** Seconds, as milliseconds. */
export const SECONDS = z.coerce
  .number()
  .positive()
  .max(10_000_000)
  .transform((seconds) => seconds * 1000);

const COUNT = z.coerce.number().int().min(1).max(1_000_000_000);

/**
 * Places of the lanes after the first, each with those after it. Together they leave half of the connections to the
 * database for what is urgent.
 */
const PLACES_BELOW = { emergency: 12, prompt: 8, ordinary: 7, bulk: 2 } as const;
/** Migrations that arrive as lines, at once. */
const STREAMS = 64;

/** More than anybody clicks, and little for who collects. In the sandbox citizens are programs too. */
const CITIZEN_RATE = 600;

/** The settings of the door, as they stand in the environment. */
export const DOOR_SHAPE = {
  HEADERS_TIMEOUT: SECONDS.default(20_000),
  BODY_TIMEOUT: SECONDS.default(60_000),
  IDLE_TIMEOUT: SECONDS.default(120_000),
  KEEP_ALIVE_TIMEOUT: SECONDS.default(65_000),
  RATE_LIMIT_CALLER: COUNT.default(1_200_000),
  RATE_LIMIT_CITIZEN: COUNT.optional(),
  RATE_LIMIT_ADDRESS: COUNT.default(300_000),
  WORK_AT_ONCE: COUNT.min(PLACES_BELOW.emergency + 1).default(256),
  WORK_WAITING: COUNT.default(512),
  WORK_PATIENCE: SECONDS.default(10_000),
};

/** The same, in the words of the door. */
export function doorSettings(settings: z.infer<z.ZodObject<typeof DOOR_SHAPE>>, sandbox: boolean): DoorSettings {
  const client = settings.RATE_LIMIT_CALLER;
  const citizen = settings.RATE_LIMIT_CITIZEN ?? (sandbox ? client : CITIZEN_RATE);
  return {
    times: {
      headers: settings.HEADERS_TIMEOUT,
      body: settings.BODY_TIMEOUT,
      idle: settings.IDLE_TIMEOUT,
      keepAlive: settings.KEEP_ALIVE_TIMEOUT,
    },
    rates: { client, citizen, address: settings.RATE_LIMIT_ADDRESS },
    work: {
      places: { urgent: settings.WORK_AT_ONCE, ...PLACES_BELOW },
      waiting: settings.WORK_WAITING,
      patience: settings.WORK_PATIENCE,
      streams: STREAMS,
    },
  };
}
