import { Agent, request } from 'node:http';
import type { FuzzedRequest } from './requests.ts';

export interface FuzzAnswer {
  /** 0 when the connection ended without an answer. */
  readonly status: number;
  /** What the server named the request; absent when it refused to read it as HTTP. */
  readonly requestId?: string;
  readonly text: string;
}

/** Keeps so many connections. */
export const openAgent = (most: number): Agent => new Agent({ keepAlive: true, maxSockets: most });

/** Sends a request as it is: paths and headers are not tidied up. Never rejects. */
export function send(baseUrl: string, agent: Agent, asked: FuzzedRequest, token?: string): Promise<FuzzAnswer> {
  const { hostname, port } = new URL(baseUrl);
  const headers = { ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }), ...asked.headers };
  return new Promise((resolve) => {
    const sent = request({ agent, hostname, port, method: asked.method, path: asked.path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve({ status: 0, text: 'broken off' }));
      response.on('end', () => {
        const id = response.headers['x-request-id'];
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, text, ...(typeof id === 'string' ? { requestId: id } : {}) });
      });
    });
    sent.on('error', (error) => resolve({ status: 0, text: error.message }));
    sent.end(asked.body);
  });
}
