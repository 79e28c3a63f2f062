/** Most of an answer that is read, in bytes: more than that is of no use here. */
const MOST_READ = 64 * 1024;

/** A message on its way to a receiver. */
export interface Message {
  readonly endpoint: string;
  /** Lines of the holder's own, `Name: value`. */
  readonly ownHeaders: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Posts a message once. Only a 2xx says that it was received; a redirect does not, and is not followed: it could lead anywhere.
 * @param signal ends the attempt, the reading of the answer included
 * @returns whether it was received; never throws
 */
export async function post({ endpoint, ownHeaders, headers, body }: Message, signal: AbortSignal): Promise<boolean> {
  try {
    const all = new Headers(ownHeaders.map(readHeader));
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    const response = await fetch(endpoint, { method: 'POST', headers: all, body, redirect: 'manual', signal });
    await readAway(response).catch(() => undefined);
    return response.ok;
  } catch {
    return false;
  }
}

/** Reads what may be read, so that the connection can be used again, and lets go of the rest. */
async function readAway({ body }: Response): Promise<void> {
  const reader = body?.getReader();
  let read = 0;
  while (reader !== undefined && read < MOST_READ) {
    const { done, value } = (await reader.read()) as { done: boolean; value?: Uint8Array };
    if (done) return;
    read += value?.byteLength ?? 0;
  }
  await reader?.cancel();
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}
