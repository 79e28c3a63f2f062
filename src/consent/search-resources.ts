import type { Consent } from '@medplum/fhirtypes';
import { isPermitted, permit } from '../auth/permissions.ts';
import type { Inclusion } from '../fhir/search-page.ts';
import { CONSENT } from '../storage/consent.ts';
import { countRows, searchRows } from '../storage/search.ts';
import { type Current, readResource as readRow } from '../storage/versioned.ts';
import { type BoundSearch, nextCursor } from './bind-search.ts';
import { CONSENT_KIND } from './consent-kind.ts';
import { ORGANIZATION_KIND } from './organization-kind.ts';
import { PATIENT_KIND } from './patient-kind.ts';
import type { Unit } from './unit.ts';
import type { ResourceKind } from './resource-kind.ts';
import { type Stored, storedAll } from './stored.ts';

/** One page of what a search found. */
export interface Found {
  readonly matches: readonly Stored[];
  /** What the matches refer to or are referred to by, as far as asked for and visible. */
  readonly included: readonly Stored[];
  readonly total?: number;
  /** For the link to the next page. */
  readonly next?: string;
}

/**
 * Searches what the caller may see. Several patients in one answer leave one audit record each.
 * @throws Problem forbidden when the caller may do something on a condition, but not search; malformed for a page link of
 *   another search
 */
export async function searchResources<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  request: BoundSearch,
): Promise<Found> {
  permit(unit.caller, `${kind.type}.search`);
  const selection = { filters: request.filters, scope: await kind.scope(unit) };
  const wantsTotal = request.total === 'accurate' || request.summary === 'count' || request.count === 0;
  const total = wantsTotal ? { total: await countRows(unit.sql, kind.table, selection) } : {};
  if (request.summary === 'count' || request.count === 0) {
    unit.note({ detail: { searched: request.names } });
    return { matches: [], included: [], ...total };
  }
  const { sort, count } = request;
  const cursor = request.cursor === undefined ? {} : { cursor: request.cursor };
  const page = await searchRows(unit.sql, kind.table, { ...selection, ...cursor, sort, count });
  const matches = await storedAll(unit, kind, page.rows);
  const included = await include(unit, matches, request);
  noteFound(unit, kind, page.rows, included, request);
  const next = page.next === undefined ? {} : { next: nextCursor(unit, kind.type, request, page.next) };
  return { matches, included, ...total, ...next };
}

/** What is included is the citizen's own or an organisation, so it may stand in every record. */
function noteFound<Row extends Current>(
  unit: Unit,
  kind: ResourceKind<Row>,
  rows: readonly Row[],
  included: readonly Stored[],
  { names: searched }: BoundSearch,
): void {
  const patients = new Map(rows.map((row) => [kind.patientKeyOf(row)?.toString('hex') ?? '', kind.patientKeyOf(row)]));
  if (rows.length === 0) unit.note({ detail: { searched } });
  for (const [hex, patientKey] of patients) {
    const own = rows.filter((row) => (kind.patientKeyOf(row)?.toString('hex') ?? '') === hex);
    const entities = [
      ...own.map(({ id, version }) => `${kind.type}/${id}/_history/${version}`),
      ...included.map(({ resource, id, version }) => `${resource.resourceType}/${id}/_history/${version}`),
    ];
    unit.note({ ...(patientKey === undefined ? {} : { patientKey }), detail: { searched, entities } });
  }
}

async function include(
  unit: Unit,
  matches: readonly Stored[],
  { include, revinclude }: BoundSearch,
): Promise<Stored[]> {
  const referred = matches.flatMap(({ resource }) =>
    resource.resourceType === 'Consent' ? include.flatMap((inclusion) => referencesOf(resource, inclusion)) : [],
  );
  const forward = await Promise.all([...new Set(referred)].map((reference) => readReferred(unit, reference)));
  const backward = revinclude.length === 0 ? [] : await consentsOf(unit, matches);
  return [...forward.flat(), ...backward];
}

function referencesOf(consent: Consent, { param }: Inclusion): string[] {
  const references = param === 'patient' ? [consent.patient] : (consent.organization ?? []);
  return references.flatMap((one) => one?.reference ?? []);
}

/** Nothing, when the caller may not see it by itself either. */
async function readReferred(unit: Unit, reference: string): Promise<Stored[]> {
  const [type, id = ''] = reference.split('/');
  if (type === 'Patient') return readOne(unit, PATIENT_KIND, id);
  return type === 'Organization' ? readOne(unit, ORGANIZATION_KIND, id) : [];
}

async function readOne<Row extends Current>(unit: Unit, kind: ResourceKind<Row>, id: string): Promise<Stored[]> {
  if (!isPermitted(unit.caller, `${kind.type}.read`)) return [];
  const row = await readRow(unit.sql, kind.table, id);
  if (row === undefined || row.deleted || !(await kind.maySee(unit, row))) return [];
  return storedAll(unit, kind, [row]);
}

async function consentsOf(unit: Unit, patients: readonly Stored[]): Promise<Stored[]> {
  if (patients.length === 0 || !isPermitted(unit.caller, 'Consent.search')) return [];
  const values = patients.map(({ id }) => `Patient/${id}`);
  const filters = [{ kind: 'reference' as const, param: 'patient', values }];
  const page = await searchRows(unit.sql, CONSENT, { filters, scope: await CONSENT_KIND.scope(unit), count: 1000 });
  return storedAll(unit, CONSENT_KIND, page.rows);
}
