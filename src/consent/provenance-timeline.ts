import type { Provenance } from '@medplum/fhirtypes';
import { provenanceOf, type ShownRecorder } from '../fhir/provenance-resource.ts';
import { problem } from '../problem.ts';
import {
  countProvenance,
  type ProvenanceRow,
  type ProvenanceSelection,
  searchProvenance,
} from '../storage/provenance.ts';
import type { Filter } from '../storage/search-filter.ts';
import type { BoundSearch } from './bind-search.ts';
import {
  type FoundEntries,
  patientKeysOf,
  referencesTo,
  type Timeline,
  timelineSearch,
  unsupported,
} from './timeline.ts';
import type { Unit } from './unit.ts';

/** Where answers come from: a citizen's own, and for a holder what it recorded for citizens it is subscribed for (rule 34). */
export const PROVENANCE_TIMELINE: Timeline = { type: 'Provenance', read, search };

async function read(unit: Unit, id: string): Promise<Provenance> {
  const { rows } = await searchProvenance(unit.sql, { ids: [id], and: [scope(unit)], count: 1 });
  const [provenance] = await show(unit, rows);
  if (provenance === undefined) throw problem('not-found', 'not-found', 'There is no such resource.');
  noteShown(unit, rows, []);
  return provenance;
}

async function search(unit: Unit, request: BoundSearch): Promise<FoundEntries> {
  const and = [scope(unit)];
  for (const filter of request.filters) and.push(await selectionOf(unit, filter));
  const { withTotal, ...page } = timelineSearch(request, 'recorded');
  const { rows, next } = await searchProvenance(unit.sql, { ...page, and });
  const total = withTotal ? { total: await countProvenance(unit.sql, { and }) } : {};
  noteShown(unit, rows, request.names);
  return { entries: await show(unit, rows), ...total, ...(next === undefined ? {} : { next }) };
}

function scope({ caller, register }: Unit): ProvenanceSelection {
  if (caller.role === 'citizen') return { patientKeys: [caller.patientKey] };
  if (caller.role !== 'holder' || caller.ura === undefined) return { patientKeys: [] };
  return { uras: [caller.ura], subscribedBy: register.holderVaults.vaultOf(caller.ura) };
}

async function selectionOf(unit: Unit, filter: Filter): Promise<ProvenanceSelection> {
  switch (filter.kind) {
    case 'id':
      return { ids: filter.values };
    case 'patientKey':
      return { patientKeys: filter.values };
    case 'lastUpdated':
    case 'date':
      return { recorded: [filter] };
    case 'reference':
      return filter.param === 'target'
        ? { targets: filter.values }
        : { patientKeys: await patientKeysOf(unit, filter.values) };
    case 'token':
    case 'string':
      throw unsupported(filter.param);
  }
}

/** One record for each citizen, so that each sees who looked. */
function noteShown(unit: Unit, rows: readonly ProvenanceRow[], searched: readonly string[]): void {
  const names = searched.length === 0 ? {} : { searched };
  if (rows.length === 0) unit.note({ detail: names });
  for (const { id, patientKey } of rows)
    unit.note({ patientKey, detail: { ...names, entities: [`Provenance/${id}`] } });
}

async function show(unit: Unit, rows: readonly ProvenanceRow[]): Promise<Provenance[]> {
  const keys = rows.flatMap(({ patientKey, recorderKey = patientKey }) => [patientKey, recorderKey]);
  const referenceTo = await referencesTo(unit, keys);
  return rows.map((row) => {
    const patient = referenceTo(row.patientKey);
    const recorder = recorderOf(row, referenceTo);
    return provenanceOf({ ...row, recorder, ...(patient === undefined ? {} : { patient }) });
  });
}

function recorderOf(
  { clientId, ura, patientKey, recorderKey }: ProvenanceRow,
  referenceTo: (patientKey: Buffer) => string | undefined,
): ShownRecorder {
  if (clientId !== undefined) return ura === undefined ? { clientId } : { clientId, ura };
  if (recorderKey === undefined) return { parent: undefined };
  return recorderKey.equals(patientKey) ? 'citizen' : { parent: referenceTo(recorderKey) };
}
