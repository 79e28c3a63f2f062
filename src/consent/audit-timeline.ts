import { codedEvent } from '../audit/coded-event.ts';
import { EVERY_TARGET } from '../auth/permissions.ts';
import { tokenForms } from '../fhir/search-text.ts';
import type { AuditSelection } from '../storage/audit-event.ts';
import type { Filter } from '../storage/search-filter.ts';
import { readAuditEvent, searchAuditLog } from './audit-log.ts';
import { patientKeysOf, type Timeline, timelineSearch, unsupported } from './timeline.ts';
import type { Unit } from './unit.ts';

type Coded = 'type' | 'subtype' | 'action';

/** The log: everything for an auditor, for a citizen what is about them. */
export const AUDIT_TIMELINE: Timeline = {
  type: 'AuditEvent',
  read: readAuditEvent,
  async search(unit, request) {
    const and: AuditSelection[] = [];
    for (const filter of request.filters) and.push(await selectionOf(unit, filter));
    return searchAuditLog(unit, { and }, { ...timelineSearch(request, 'date'), names: request.names });
  },
};

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
      return { patientKeys: await patientKeysOf(unit, filter.values) };
    case 'token':
      return tokenSelection(filter.param, filter.values, filter.not === true);
    case 'string':
      throw unsupported(filter.param);
  }
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
