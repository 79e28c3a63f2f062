import { request } from 'node:http';

export interface Attack {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Pieces of the body, as many as are taken. */
  readonly body: () => Iterable<string | Buffer>;
}

export interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly milliseconds: number;
}

/** Sends a body until it is all sent or the answer is there; what happens to the rest does not matter. */
export function sendAttack(baseUrl: string, token: string, attack: Attack): Promise<Outcome> {
  const { path = '/Organization', method = 'POST', headers = {}, body } = attack;
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(`${baseUrl}/fhir${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json', ...headers },
    });
    let isAnswered = false;
    sent.on('response', (response) => {
      isAnswered = true;
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        const code = /"code":"([a-z0-9-]+)"\}\]/.exec(text)?.[1] ?? '';
        resolve({ status: response.statusCode ?? 0, code, milliseconds: performance.now() - begun });
        sent.destroy();
      });
    });
    sent.on('error', (error) => {
      if (!isAnswered) reject(error);
    });
    const pieces = body()[Symbol.iterator]();
    const more = (): void => {
      const piece = pieces.next();
      if (isAnswered) return;
      if (piece.done === true) sent.end();
      else sent.write(piece.value, () => setImmediate(more));
    };
    more();
  });
}
