import { connect } from 'node:net';

/** One answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number;
  /** Status line and headers. */
  readonly head: string;
  readonly body: string;
}

/**
 * Sends bytes as they are, which no HTTP client would, and gives everything that came back when the server has closed the
 * connection, or after `patience` milliseconds without a word.
 */
export function overTheWire(baseUrl: string, bytes: string | Buffer, patience = 2000): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const received: Buffer[] = [];
    const end = (): void => {
      socket.destroy();
      resolve(Buffer.concat(received).toString('latin1'));
    };
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', end).on('close', end);
    socket.setTimeout(patience, end);
    socket.write(bytes);
  });
}

/** The answers in what came over the wire, one after the other. */
export function answersIn(text: string): WireAnswer[] {
  return text.split(/(?=HTTP\/1\.1 \d{3} )/).flatMap((part) => {
    const [, status] = /^HTTP\/1\.1 (\d{3}) /.exec(part) ?? [];
    if (status === undefined) return [];
    const [head = '', ...rest] = part.split('\r\n\r\n');
    return [{ status: Number(status), head, body: rest.join('\r\n\r\n') }];
  });
}

/** The lines of a request, ended as HTTP asks. */
export function lines(...given: readonly string[]): string {
  return given.map((line) => `${line}\r\n`).join('');
}
