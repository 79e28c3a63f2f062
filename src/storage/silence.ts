import { Socket } from 'node:net';
import pg from 'pg';

/** How long a statement is under way before somebody asks whether the server still says anything, in milliseconds. */
const DOUBT = 1_500;
/** How long the server may take to answer that, in ticks and in milliseconds each. */
const TICKS = 25;
const TICK = 100;
/** Between two such questions, while it says nothing. */
const PAUSE = 250;

/** What a server that says nothing is answered with; see `toProblem`. */
const nothing = (): Error => new Error('Connection terminated: the server says nothing');

/**
 * Notices a server that says nothing at all any more: it hangs, or what lies between swallows everything. Its connections
 * would look sound until every statement on them has run out of time, one after the other. They are given up at once, all of them,
 * and nothing new is begun until the server speaks again. A statement that only takes long, or waits for a lock, goes on.
 */
export class Silence {
  readonly #url: string;
  readonly #sockets = new Set<Socket>();
  #silent = false;
  #asking = false;
  #closed = false;

  constructor(url: string) {
    this.#url = url;
  }

  /** The socket of a connection, which is given up when the server says nothing. */
  readonly socket = (): Socket => {
    const socket = new Socket();
    this.#sockets.add(socket);
    return socket.once('close', () => this.#sockets.delete(socket));
  };

  /** Does what needs the server. @throws Error at once when it says nothing; what the work throws */
  async heed<T>(work: () => Promise<T>): Promise<T> {
    if (this.#silent) throw nothing();
    const timer = setInterval(() => void this.#ask(), DOUBT);
    try {
      return await work();
    } finally {
      clearInterval(timer);
    }
  }

  /** Gives up what is left: a server that says nothing does not close its side. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #ask(): Promise<void> {
    if (this.#asking || this.#closed) return;
    this.#asking = true;
    this.#silent = !(await speaks(this.#url));
    this.#asking = false;
    if (!this.#silent) return;
    for (const socket of this.#sockets) socket.destroy();
    setTimeout(() => void this.#ask(), PAUSE).unref();
  }
}

/**
 * Whether the server answers on a new connection, be it with a refusal. Its time is counted in ticks, because a process that was
 * busy for seconds has not listened: it finds its time over and the answer unread.
 */
async function speaks(url: string): Promise<boolean> {
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, application_name: 'akkoord', stream: () => socket });
  client.on('error', () => undefined);
  let left = TICKS;
  const timer = setInterval(() => {
    left -= 1;
    if (left === 0) socket.destroy();
  }, TICK);
  await client
    .connect()
    .then(() => client.query('select'))
    .catch(() => undefined);
  clearInterval(timer);
  socket.destroy();
  return left > 0;
}
