import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';

/** What was answered of a migration: one for each item that was answered. */
export interface AnsweredItem {
  readonly status: string;
  readonly code: string;
  readonly location: string;
}

interface Entry {
  readonly response: {
    readonly status: string;
    readonly location?: string;
    readonly outcome: {
      readonly issue: readonly { readonly details: { readonly coding: readonly { code: string }[] } }[];
    };
  };
}

/**
 * Sends lines as the GP practice and reads the answer as it comes, never more of it than of one entry.
 * @param onItem told each answered item and how many were answered
 * @returns whether the answer came to its end
 */
export async function streamMigration(
  baseUrl: string,
  token: string,
  lines: Iterable<string>,
  onItem: (item: AnsweredItem, count: number) => void,
): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+ndjson' };
  const sent = request(`${baseUrl}/fhir/Consent/$migrate`, { method: 'POST', headers });
  const gone = new Promise<undefined>((resolve) => sent.once('error', () => resolve(undefined)));
  const responded = once(sent, 'response').catch(() => []);
  Readable.from(lines).pipe(sent);
  const [response] = ((await Promise.race([responded, gone])) ?? []) as readonly (IncomingMessage | undefined)[];
  if (response === undefined) return false;
  if (response.statusCode !== 200) throw new Error(`a migration was answered with ${response.statusCode ?? 0}`);
  return readEntries(response, onItem);
}

async function readEntries(
  response: IncomingMessage,
  onItem: (item: AnsweredItem, count: number) => void,
): Promise<boolean> {
  let rest = '';
  let count = 0;
  try {
    for await (const part of response.setEncoding('utf8')) {
      const lines = (rest + String(part)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => /^,?\{"response"/.test(one))) {
        count += 1;
        onItem(itemIn(line), count);
      }
      if (lines.at(-1) === ']}') return true;
    }
  } catch {
    // The server was killed.
  }
  return false;
}

function itemIn(line: string): AnsweredItem {
  const { response } = JSON.parse(line.replace(/^,/, '')) as Entry;
  const code = response.outcome.issue[0]?.details.coding[0]?.code ?? '';
  return { status: response.status, code, location: response.location ?? '' };
}
