import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is wrong with the line: late both ways together, by so many milliseconds; everything is swallowed; cut in the middle of what is said; a byte a second. */
export type Trouble = 'none' | { readonly late: number } | 'swallow' | 'reset' | 'trickle';

/** A line to a server, with which something can be wrong. */
export class TcpProxy {
  trouble: Trouble = 'none';
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: URL, server: Server) {
    this.#target = target;
    this.#server = server;
  }

  /** @param url of the server behind it */
  static async open(url: string): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(new URL(url), server);
    server.on('connection', (socket) => proxy.#join(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  /** The address of the server, by this line. */
  get url(): string {
    const url = new URL(this.#target);
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  /** Connections of whoever calls. */
  get connections(): number {
    return this.#sockets.size / 2;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #join(caller: Socket): void {
    const server = connect(Number(this.#target.port), this.#target.hostname);
    this.#carry(caller, server);
    this.#carry(server, caller, () => caller.resetAndDestroy());
  }

  /** @param cut how the line is cut; absent: it is not cut in this direction */
  #carry(from: Socket, to: Socket, cut?: () => void): void {
    this.#sockets.add(from.setNoDelay());
    // What was swallowed never comes: such a connection stays silent, also when the line is sound again.
    let silent = false;
    let before = Promise.resolve();
    const pass = async (bytes: Buffer, came: number): Promise<void> => {
      const { trouble } = this;
      silent ||= trouble === 'swallow';
      if (silent) return;
      if (typeof trouble === 'object') await sleep(came + trouble.late / 2 - performance.now());
      if (trouble === 'reset' && cut !== undefined) to.write(bytes.subarray(0, bytes.length >> 1), cut);
      else if (trouble === 'trickle' && cut !== undefined) await this.#trickle(bytes, to);
      else to.write(bytes);
    };
    from.on('data', (bytes: Buffer) => {
      const came = performance.now();
      before = before.then(() => pass(bytes, came));
    });
    from.on('error', () => undefined);
    from.once('close', () => {
      this.#sockets.delete(from);
      void before.then(() => to.destroy());
    });
  }

  async #trickle(bytes: Buffer, to: Socket): Promise<void> {
    let sent = 0;
    while (sent < bytes.length && this.trouble === 'trickle' && !to.destroyed) {
      to.write(bytes.subarray(sent, (sent += 1)));
      await sleep(1000);
    }
    to.write(bytes.subarray(sent));
  }
}
