import type { Problem } from '../problem.ts';
import { type ConsentRow, insertConsents, updateConsents } from '../storage/consent.ts';
import { saveMigrations } from '../storage/migrated-consent.ts';
import { consider, type Considered } from './consider-migration.ts';
import type { PreparedItem } from './migrated-item.ts';
import { type MigrationScene, readMigrationScene } from './migration-scene.ts';
import type { Unit } from './unit.ts';

/** What became of one item. */
export type ItemOutcome =
  | { readonly code: 'created' | 'unchanged'; readonly id: string; readonly version: number }
  | { readonly code: 'skipped-citizen-decided' }
  | { readonly problem: Problem };

/**
 * Migrates some items in one transaction, in a constant number of statements (rules 38 to 41 of this room's README). An item
 * that is refused breaks only itself.
 * @param ura the migrating organisation, the caller's own
 * @param items each of another citizen
 * @returns one outcome for each item, in their order
 */
export async function migrateChunk(unit: Unit, ura: string, items: readonly PreparedItem[]): Promise<ItemOutcome[]> {
  const scene = await readMigrationScene(
    unit,
    ura,
    items.flatMap((item) => ('problem' in item ? [] : [item])),
  );
  const considered = items.map((item) => consider(unit, scene, item));
  const written = await writeAll(unit, scene, considered);
  return considered.map((one, at) => {
    const outcome = outcomeOf(one, written);
    note(unit, at, one, outcome);
    return outcome;
  });
}

/** Writes what is to be written and returns the rows by their id. */
async function writeAll(
  { sql }: Unit,
  { own, now }: MigrationScene,
  considered: readonly Considered[],
): Promise<ReadonlyMap<string, ConsentRow>> {
  const drafts = considered.flatMap((one) => ('code' in one && one.code === 'created' ? [one] : []));
  const added = drafts.filter(({ expected }) => expected === undefined).map(({ consent }) => consent);
  const changed = drafts.flatMap(({ consent, expected }) => (expected === undefined ? [] : [{ ...consent, expected }]));
  const rows = [
    ...(added.length === 0 ? [] : await insertConsents(sql, now, added)),
    ...(changed.length === 0 ? [] : await updateConsents(sql, now, changed)),
  ];
  const written = new Map(rows.map((row) => [row.id, row]));
  const places = drafts.map(({ consent: { id, patientKey }, takenBack }) => {
    const row = written.get(id);
    if (row === undefined) throw new Error('a consent that was locked could not be written');
    return { patientKey, consentId: id, version: row.version, takenBack };
  });
  if (places.length > 0) await saveMigrations(sql, own.ura, places);
  return written;
}

function outcomeOf(considered: Considered, written: ReadonlyMap<string, ConsentRow>): ItemOutcome {
  if ('problem' in considered) return { problem: considered.problem };
  if (considered.code === 'unchanged') return { code: 'unchanged', id: considered.id, version: considered.version };
  if (considered.code === 'skipped-citizen-decided') return { code: considered.code };
  const { id } = considered.consent;
  return { code: 'created', id, version: written.get(id)?.version ?? 1 };
}

/** One record for each item, in the log of its citizen when that is known. */
function note(unit: Unit, at: number, { patientKey }: Considered, outcome: ItemOutcome): void {
  const about = patientKey === undefined ? { item: at } : { patientKey };
  if ('problem' in outcome) {
    unit.note({ ...about, detail: { problem: outcome.problem.issues[0].code }, outcome: '4' });
    return;
  }
  const entities = 'id' in outcome ? [`Consent/${outcome.id}/_history/${outcome.version}`] : [];
  const detail = { migration: outcome.code, ...(entities.length === 0 ? {} : { entities }) };
  const recorded = { way: 'migration', consents: entities } as const;
  unit.note({ ...about, detail, ...(outcome.code === 'created' ? { recorded } : {}) });
}
