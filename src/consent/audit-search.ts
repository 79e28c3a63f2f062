import { codedEvent } from '../audit/coded-event.ts';
import { EVERY_TARGET } from '../auth/permissions.ts';
import { tokenForms } from '../fhir/search-text.ts';
import { problem } from '../problem.ts';
import type { AuditSelection } from '../storage/audit-event.ts';
import { PATIENT } from '../storage/patient.ts';
import type { Filter } from '../storage/search-filter.ts';
import { readResource } from '../storage/versioned.ts';
import type { AuditSearch } from './audit-log.ts';
import type { BoundSearch } from './bind-search.ts';
import type { Unit } from './unit.ts';

type Coded = 'type' | 'subtype' | 'action';

/**
 * Turns a FHIR search of AuditEvent into what the log is kept by.
 * @throws Problem malformed for a parameter or order that the log cannot serve
 */
export async function auditSearch(unit: Unit, request: BoundSearch): Promise<AuditSearch> {
  let selection: AuditSelection = {};
  for (const filter of request.filters) selection = narrow(selection, await selectionOf(unit, filter));
  const [sort, ...others] = request.sort;
  if (others.length > 0 || !['date', '_lastUpdated', undefined].includes(sort?.key)) throw unsupported('_sort');
  return {
    ...selection,
    count: Math.max(request.count, 1),
    withTotal: request.total === 'accurate' || request.summary === 'count' || request.count === 0,
    ...(sort === undefined ? {} : { ascending: !sort.descending }),
    ...(request.cursor === undefined ? {} : { cursor: request.cursor }),
  };
}

async function selectionOf(unit: Unit, filter: Filter): Promise<AuditSelection> {
  switch (filter.kind) {
    case 'id':
      return { ids: filter.values };
    case 'patientKey':
      return { patientKeys: filter.values };
    case 'lastUpdated':
    case 'date':
      return { recorded: [filter] };
    case 'reference':
      return { patientKeys: await patientKeys(unit, filter.values) };
    case 'token':
      return tokenSelection(filter.param, filter.values, filter.not === true);
    case 'string':
      throw unsupported(filter.param);
  }
}

async function patientKeys(unit: Unit, references: readonly string[]): Promise<Buffer[]> {
  const ids = references.flatMap((reference) =>
    reference.startsWith('Patient/') ? [reference.slice('Patient/'.length)] : [],
  );
  const rows = await Promise.all(ids.map((id) => readResource(unit.sql, PATIENT, id)));
  return rows.flatMap((row) => (row === undefined ? [] : [row.patientKey]));
}

const OUTCOMES = ['0', '4', '8', '12'];
const OUTCOME_SYSTEM = 'http://terminology.hl7.org/CodeSystem/audit-event-outcome';
const ACTION_SYSTEM = 'http://terminology.hl7.org/CodeSystem/audit-event-action';

function tokenSelection(param: string, values: readonly string[], not: boolean): AuditSelection {
  const matches = (forms: readonly string[]): boolean => forms.some((form) => values.includes(form)) !== not;
  if (param === 'outcome') return { outcomes: OUTCOMES.filter((code) => matches(tokenForms(OUTCOME_SYSTEM, code))) };
  if (param !== 'type' && param !== 'subtype' && param !== 'action') throw unsupported(param);
  return { interactions: EVERY_TARGET.filter((target) => matches(formsOf(target, param))) };
}

function formsOf(target: string, param: Coded): readonly string[] {
  const event = codedEvent(target);
  if (param === 'action') return tokenForms(ACTION_SYSTEM, event.action);
  return tokenForms(event[param].system, event[param].code ?? '');
}

/** Both must hold: what stands in only one of two lists is left out. */
function narrow(one: AuditSelection, other: AuditSelection): AuditSelection {
  const both = <T>(a: readonly T[] | undefined, b: readonly T[] | undefined, same: (x: T, y: T) => boolean) =>
    a === undefined || b === undefined ? (a ?? b) : a.filter((x) => b.some((y) => same(x, y)));
  const equal = (x: string, y: string): boolean => x === y;
  const parts = {
    ids: both(one.ids, other.ids, equal),
    patientKeys: both(one.patientKeys, other.patientKeys, (x, y) => x.equals(y)),
    interactions: both(one.interactions, other.interactions, equal),
    outcomes: both(one.outcomes, other.outcomes, equal),
    recorded: [...(one.recorded ?? []), ...(other.recorded ?? [])],
  };
  return Object.fromEntries(Object.entries(parts).filter(([, list]) => list !== undefined));
}

function unsupported(param: string) {
  return problem('malformed', 'search-parameter-unsupported', `Searching the log by ${param} is not possible here.`);
}
