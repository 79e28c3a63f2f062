import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** What became of a call. */
export interface Called {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** By `performance.now`. */
  readonly begun: number;
  /** Milliseconds until the answer was there, or the connection had ended. */
  readonly took: number;
  /** What Node calls the end of the connection; absent with an answer. */
  readonly failure?: string;
}

export interface Asked {
  readonly token?: string;
  /** Sent as JSON, by POST; absent: GET. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Calls a path of a server. */
export type Call = (path: string, asked?: Asked) => Promise<Called>;

/** Calls one server over connections that are kept, as programs do, unless told otherwise. */
export class Caller {
  readonly #baseUrl: string;
  readonly #agent: Agent;

  constructor(baseUrl: string, { keepAlive = true } = {}) {
    this.#baseUrl = baseUrl;
    this.#agent = new Agent({ keepAlive });
  }

  readonly call: Call = (path, { token, body, headers } = {}) => {
    const begun = performance.now();
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve) => {
      const end = (status: number, more: Partial<Called>): void =>
        resolve({ status, headers: {}, body: '', begun, took: performance.now() - begun, ...more });
      const asked = request(
        `${this.#baseUrl}${path}`,
        {
          agent: this.#agent,
          method: text === undefined ? 'GET' : 'POST',
          headers: {
            ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
            ...(text === undefined
              ? {}
              : { 'Content-Type': 'application/fhir+json', 'Content-Length': Buffer.byteLength(text) }),
            ...headers,
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('error', (error: NodeJS.ErrnoException) => end(0, { failure: error.code ?? error.message }));
          response.on('end', () =>
            end(response.statusCode ?? 0, { headers: response.headers, body: Buffer.concat(parts).toString() }),
          );
        },
      );
      asked.on('error', (error: NodeJS.ErrnoException) => end(0, { failure: error.code ?? error.message }));
      asked.end(text);
    });
  };

  close(): void {
    this.#agent.destroy();
  }
}
