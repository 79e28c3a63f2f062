import { findKnownTokens, type KnownToken } from '../storage/access-token.ts';
import { findClients, type KnownClient } from '../storage/client.ts';
import type { Sql } from '../storage/database.ts';
import { Together, type TogetherObserver } from '../together.ts';

/** What every call asks of the registry. Nothing is kept: who was switched off before the call came is out. */
export interface LookUps {
  readonly client: (id: string) => Promise<KnownClient | undefined>;
  /** @param digest of the token, SHA-256 */
  readonly token: (digest: Buffer) => Promise<KnownToken | undefined>;
}

/** Look-ups that come at once are one statement. */
export function lookUpTogether(sql: Sql, observer?: TogetherObserver): LookUps {
  const limits = { most: 512, atOnce: 1, observer };
  const clients = new Together<string, KnownClient | undefined>(
    async (ids) => {
      const found = await findClients(sql, [...new Set(ids)]);
      const byId = new Map(found.map((client) => [client.id, client]));
      return ids.map((id) => byId.get(id));
    },
    { name: 'find-clients', ...limits },
  );
  const tokens = new Together<Buffer, KnownToken | undefined>(
    async (digests) => {
      const found = await findKnownTokens(sql, digests);
      const byDigest = new Map(found.map((token) => [token.digest.toString('hex'), token]));
      return digests.map((digest) => byDigest.get(digest.toString('hex')));
    },
    { name: 'find-tokens', ...limits },
  );
  return { client: (id) => clients.ask(id), token: (digest) => tokens.ask(digest) };
}
