import { type IncomingMessage, request } from 'node:http';
import type { BundleEntry } from '@medplum/fhirtypes';
import type { TestServer } from '../setup/test-server.ts';

/** A migration of which the body is still being sent. */
export interface OpenMigration {
  /** Sends more of the body; resolves when the connection has taken it. */
  send(text: string | Buffer): Promise<void>;
  /** Resolves with so many entries once they have come, all of them. */
  entries(count: number): Promise<BundleEntry[]>;
  /** Ends the body and resolves with the whole answer. */
  end(): Promise<string>;
  /** Goes away. */
  leave(): void;
  readonly response: Promise<IncomingMessage>;
}

/** Begins to send lines as the GP practice. */
export async function openMigration(
  { baseUrl, token }: Pick<TestServer, 'baseUrl' | 'token'>,
  headers: Record<string, string> = {},
): Promise<OpenMigration> {
  const sent = request(`${baseUrl}/fhir/Consent/$migrate`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${await token('gp')}`,
      'Content-Type': 'application/fhir+ndjson',
      ...headers,
    },
  });
  let text = '';
  let told = (): void => undefined;
  sent.on('error', () => told());
  const response = new Promise<IncomingMessage>((resolve) => sent.once('response', resolve));
  const ended = response.then((answer) => {
    answer.on('error', () => told());
    answer.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      told();
    });
    return new Promise((resolve) => answer.once('close', resolve));
  });
  sent.flushHeaders();
  return {
    response,
    send: (part) => new Promise((resolve) => void sent.write(part, () => resolve())),
    async entries(count) {
      while (entriesIn(text).length < count) await new Promise<void>((resolve) => (told = resolve));
      return entriesIn(text);
    },
    async end() {
      sent.end();
      await ended;
      return text;
    },
    leave: () => void sent.destroy(),
  };
}

/** Every entry stands on a line of its own, after a comma but for the first. */
function entriesIn(text: string): BundleEntry[] {
  const lines = text.split('\n').slice(1, -1);
  return lines.filter((line) => /^,?\{/.test(line)).map((line) => JSON.parse(line.replace(/^,/, '')) as BundleEntry);
}
