import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Caller } from '../auth/caller.ts';
import type { MigrationItem } from '../fhir/migration-bundle.ts';
import { type Problem, problem, problemOf } from '../problem.ts';
import { readClock } from '../storage/clock.ts';
import { type ItemOutcome, migrateChunk } from './migrate-chunk.ts';
import { prepareItem, type PreparedItem } from './migrated-item.ts';
import { ownOrganization } from './migration-scene.ts';
import type { Desk } from './perform.ts';
import type { Register } from './register.ts';
import type { Unit } from './unit.ts';

/** Most items that share a transaction. */
const CHUNK = 128;
/** Items that fail one after the other before nothing more is tried: it is not the items then. */
const MOST_FAULTS = 5;
/** Items between two lines in the log. */
const PROGRESS = 10_000;

/** A migration that was permitted. */
export interface Migration {
  readonly register: Register;
  readonly desk: Desk;
  readonly caller: Caller;
  readonly requestId: string;
  /** The migrating organisation. */
  readonly ura: string;
}

/** Items as they arrived together. */
export type Blocks = AsyncIterable<readonly MigrationItem[]> | Iterable<readonly MigrationItem[]>;

/** Items that share a transaction, each of another citizen. */
interface Chunk {
  readonly items: readonly PreparedItem[];
  /** Whether nothing is left of what was read together. */
  readonly endsBlock: boolean;
}

/** How many items failed last, without one that did not. */
interface Faults {
  inARow: number;
}

/** What became of a chunk, and whether the register can still be reached. */
interface Settled {
  readonly outcomes: readonly ItemOutcome[];
  readonly reachable: boolean;
}

/** The number of the migrating organisation: the caller's own. @throws Problem forbidden when it is not registered */
export async function migratingOrganization(unit: Unit): Promise<string> {
  const { caller } = unit;
  const { ura } = await ownOrganization(unit, caller.role === 'citizen' ? '' : (caller.ura ?? ''));
  return ura;
}

/**
 * Migrates items as they come, some at a time, each chunk in a transaction of its own; the next chunk is read while one is
 * written, and none is when nobody takes the outcomes. When the register can be reached no more, the rest of what was read
 * is refused as unavailable and nothing more is read (rule 41).
 *
 * @returns the outcomes of each chunk once it is committed: one for each item, in their order
 */
export async function* migrate(migration: Migration, blocks: Blocks): AsyncGenerator<readonly ItemOutcome[]> {
  const chunks = chunksOf(migration.register, blocks);
  const faults: Faults = { inARow: 0 };
  let reachable = true;
  let count = 0;
  for (let next = chunks.next(); ;) {
    const { value: chunk, done } = await next;
    if (done === true) return;
    const working: Promise<Settled> = reachable ? settle(migration, faults, chunk.items) : refuseAll(chunk.items);
    next = chunks.next();
    // It is waited for later; until then nobody hears when it fails.
    next.catch(() => undefined);
    const settled: Settled = await working;
    yield settled.outcomes;
    count = told(migration, count, settled.outcomes.length);
    ({ reachable } = settled);
    if (!reachable && chunk.endsBlock) return;
  }
}

function told({ register, requestId }: Migration, before: number, more: number): number {
  const count = before + more;
  if (Math.floor(count / PROGRESS) > Math.floor(before / PROGRESS)) {
    register.log.info('migration', { requestId, items: count });
  }
  return count;
}

async function* chunksOf(register: Register, blocks: Blocks): AsyncGenerator<Chunk, undefined> {
  for await (const block of blocks) {
    let items: PreparedItem[] = [];
    const names = new Set<string>();
    for (const item of block) {
      // Looking at an item takes milliseconds: others are answered in between.
      await nextTurn();
      const prepared = prepareItem(register, item);
      if (items.length === CHUNK || !fits(names, prepared)) {
        yield { items, endsBlock: false };
        items = [];
        names.clear();
      }
      items.push(prepared);
      names.add(nameOf(prepared));
    }
    if (items.length > 0) yield { items, endsBlock: true };
  }
  return undefined;
}

/** No citizen twice, so that the later item meets what the earlier one wrote; which needs names of one kind. */
function fits(names: ReadonlySet<string>, item: PreparedItem): boolean {
  const name = nameOf(item);
  return name === '' || (!names.has(name) && [...names].every((other) => other === '' || other[0] === name[0]));
}

function nameOf(item: PreparedItem): string {
  if ('problem' in item) return '';
  const { citizen } = item;
  return citizen.bsn === undefined ? `p ${citizen.patientId}` : `b ${citizen.patientKey.toString('hex')}`;
}

/** All together; where that fails, one by one, so that the reason of one is not that of all. Never throws. */
async function settle(migration: Migration, faults: Faults, items: readonly PreparedItem[]): Promise<Settled> {
  try {
    const outcomes = await attempt(migration, items);
    faults.inARow = 0;
    return { outcomes, reachable: true };
  } catch (error) {
    if (items.length === 1) {
      const refused = problemOf(error);
      return { outcomes: [{ problem: refused }], reachable: await goesOn(migration, faults, refused) };
    }
    return settleOneByOne(migration, faults, items);
  }
}

function attempt({ desk, caller, requestId, ura }: Migration, items: readonly PreparedItem[]): Promise<ItemOutcome[]> {
  return desk.run({ caller, requestId, target: 'Consent.migrate' }, (unit) => migrateChunk(unit, ura, items));
}

async function settleOneByOne(migration: Migration, faults: Faults, items: readonly PreparedItem[]): Promise<Settled> {
  const outcomes: ItemOutcome[] = [];
  let reachable = await isReachable(migration);
  for (const item of items) {
    const settled = reachable ? await settle(migration, faults, [item]) : await refuseAll([item]);
    outcomes.push(...settled.outcomes);
    ({ reachable } = settled);
  }
  return { outcomes, reachable };
}

/** After a failure: whether it was that item’s alone, as far as can be told. */
async function goesOn(migration: Migration, faults: Faults, { kind }: Problem): Promise<boolean> {
  faults.inARow = kind === 'unavailable' ? faults.inARow + 1 : 0;
  return faults.inARow === 0 || (faults.inARow < MOST_FAULTS && (await isReachable(migration)));
}

function isReachable({ register }: Migration): Promise<boolean> {
  return readClock(register.database).then(
    () => true,
    () => false,
  );
}

function refuseAll(items: readonly PreparedItem[]): Promise<Settled> {
  const text = 'The register cannot be reached now. Send this item again, whether it was recorded or not.';
  const refused = problem('unavailable', 'not-reached', text);
  return Promise.resolve({ outcomes: items.map(() => ({ problem: refused })), reachable: false });
}
