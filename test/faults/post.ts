import { type Agent, request } from 'node:http';

/** An answer that came whole. */
export interface Posted {
  readonly status: number;
  readonly text: string;
}

/** After so long without a byte an answer is not late but missing, in milliseconds: longer than any the server gives itself. */
const SILENCE = 45_000;

/**
 * Posts to a server that may be gone at any moment.
 * @returns nothing when the connection broke before the answer was whole
 * @throws Error when neither an answer nor an end comes
 */
export function post(
  agent: Agent,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Posted | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers, timeout: SILENCE });
    sent.on('timeout', () => reject(new Error('the server keeps a request without an answer')));
    sent.on('error', () => resolve(undefined));
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', () => resolve(undefined));
    });
    sent.end(body);
  });
}

/** The headers of a caller with this token. */
export function headersOf(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' };
}

/** The input of an operation. */
export function parameters(...parameter: readonly object[]): string {
  return JSON.stringify({ resourceType: 'Parameters', parameter });
}
