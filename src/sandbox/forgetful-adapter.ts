import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Kept {
  payload: AdapterPayload;
  readonly until: number;
}

/** Most that is kept at once: what is older goes first. */
const MOST_KEPT = 10_000;

/** What the stand-in for DigiD remembers, for the minutes of a sign-in: in memory, so that a restart forgets it. */
export function forgetfulAdapter(): (model: string) => Adapter {
  const kept = new Map<string, Kept>();
  return (model) => adapterOf(kept, (id) => `${model} ${id}`);
}

function adapterOf(kept: Map<string, Kept>, keyOf: (id: string) => string): Adapter {
  const find = (id: string) => {
    const found = kept.get(keyOf(id));
    return Promise.resolve(found !== undefined && found.until > Date.now() ? found.payload : undefined);
  };
  return {
    find,
    upsert(id, payload, seconds = 0) {
      kept.delete(keyOf(id));
      kept.set(keyOf(id), { payload, until: Date.now() + seconds * 1000 });
      for (const key of [...kept.keys()].slice(0, Math.max(0, kept.size - MOST_KEPT))) kept.delete(key);
      return Promise.resolve();
    },
    consume(id) {
      const found = kept.get(keyOf(id));
      if (found !== undefined) found.payload = { ...found.payload, consumed: Math.floor(Date.now() / 1000) };
      return Promise.resolve();
    },
    destroy(id) {
      kept.delete(keyOf(id));
      return Promise.resolve();
    },
    revokeByGrantId(grantId) {
      for (const [key, { payload }] of kept) if (payload.grantId === grantId) kept.delete(key);
      return Promise.resolve();
    },
    findByUid: () => Promise.resolve(undefined),
    findByUserCode: () => Promise.resolve(undefined),
  };
}
