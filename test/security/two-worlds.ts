import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyTestDatabase, openTestDatabase } from '../setup/test-database.ts';
import { openTestServer, type TestServer } from '../setup/test-server.ts';

/** Two servers that know the same, but one of them more. */
export interface TwoWorlds<Known, Secret> {
  readonly plain: TestServer;
  readonly richer: TestServer;
  /** What `fill` gave. */
  readonly known: Known;
  /** What `add` gave. */
  readonly secret: Secret;
  close(): Promise<void>;
}

/**
 * Fills a register, copies it, and adds a secret to the copy. What was there before has the same ids in both.
 * @param fill what both know
 * @param add what only the richer one knows
 */
export async function openTwoWorlds<Known, Secret>(
  fill: (server: TestServer) => Promise<Known>,
  add: (server: TestServer) => Promise<Secret>,
): Promise<TwoWorlds<Known, Secret>> {
  const database = await openTestDatabase();
  const dataDir = await mkdtemp(join(process.env['TEST_HOME'] ?? tmpdir(), 'worlds-'));
  const first = await openTestServer({ beside: { database, dataDir } });
  const known = await fill(first);
  await first.close();
  const copy = await copyTestDatabase(database);
  const plain = await openTestServer({ beside: { database, dataDir } });
  const richer = await openTestServer({ beside: { database: copy, dataDir } });
  const close = async () => {
    await Promise.all([plain.close(), richer.close()]);
    await Promise.all([database.close(), copy.close()]);
    await rm(dataDir, { recursive: true });
  };
  return { plain, richer, known, secret: await add(richer), close };
}

/** A search as it is sent: by GET, or as the form of a `POST _search`. */
export interface SentSearch {
  readonly type: string;
  readonly query: string;
  readonly isForm: boolean;
}

const agent = new Agent({ keepAlive: true });

/** The answer to a search in one text, without what differs from one answer to the next: ids, moments, page links. */
export async function answerText({ baseUrl }: TestServer, token: string, search: SentSearch): Promise<string> {
  const { type, query, isForm } = search;
  const path = isForm ? `/fhir/${type}/_search` : `/fhir/${type}?${query}`;
  const headers = {
    Authorization: `Bearer ${token}`,
    ...(isForm ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}),
  };
  const sent = request(new URL(path, baseUrl), { agent, method: isForm ? 'POST' : 'GET', headers });
  sent.end(isForm ? query : undefined);
  const text = await new Promise<string>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve(`${response.statusCode ?? 0} ${Buffer.concat(chunks).toString('utf8')}`);
      });
    });
  });
  return text.replaceAll(baseUrl, 'BASE');
}

/** The same answer with every id by its place in it, and without moments. */
export function comparable(text: string): string {
  const ids = new Map<string, string>();
  const place = (id: string): string => {
    const known = ids.get(id) ?? `ID${ids.size}`;
    ids.set(id, known);
    return known;
  };
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, place)
    .replaceAll(/\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|\+\d{2}:\d{2})/g, 'MOMENT')
    .replaceAll(/_cursor=[^"&]+/g, '_cursor=PAGE');
}

/** The query of the next page, if there is one. */
export function nextQuery(text: string): string | undefined {
  return /"relation":"next","url":"[^"?]*\?([^"]+)"/.exec(text)?.[1];
}
