import type { Consent } from '@medplum/fhirtypes';
import { isGrant } from '../fhir/consent-resource.ts';
import { withoutGrantReason } from '../fhir/grant-resource.ts';
import { CONSENT, type ConsentRow } from '../storage/consent.ts';
import { findOrganizations } from '../storage/organization.ts';
import { countRows } from '../storage/search.ts';
import type { Scope } from '../storage/search-scope.ts';
import { HOLDER_PLACES, placesOf } from './consent-draft.ts';
import { isSelf } from './patient-kind.ts';
import type { Unit } from './unit.ts';
import { openCitizen } from './citizen.ts';
import { keepRefusals, prepareConsent } from './prepare-consent.ts';
import type { ResourceKind } from './resource-kind.ts';

/** Answers: a citizen's own, and for a holder those that speak of it, about citizens it is subscribed for. */
export const CONSENT_KIND: ResourceKind<ConsentRow> = {
  type: 'Consent',
  table: CONSENT,
  versionRequired: true,
  way: 'portal',
  prepare: (unit, resource, before) => prepareConsent(unit, resource as Consent, before),
  maySee,
  beforeDelete,
  show,
  scope,
  patientKeyOf: (row) => row.patientKey,
};

/** The citizen is locked with the row, so what is read here stays so until the deletion. */
async function beforeDelete(unit: Unit, row: ConsentRow): Promise<void> {
  keepRefusals(await openCitizen(unit, row.patientKey, undefined), row, []);
}

/** Why an emergency grant was recorded is for the citizen to read (rule 14). */
function show({ caller }: Unit, _row: ConsentRow, content: object): Consent {
  const consent = content as Consent;
  return caller.role !== 'citizen' && isGrant(consent) ? withoutGrantReason(consent) : consent;
}

async function maySee(unit: Unit, row: ConsentRow): Promise<boolean> {
  if (unit.caller.role !== 'holder') return isSelf(unit, row.patientKey);
  const filters = [{ kind: 'id' as const, values: [row.id] }];
  return (await countRows(unit.sql, CONSENT, { filters, scope: await scope(unit) })) > 0;
}

async function scope(unit: Unit): Promise<Scope> {
  const { caller } = unit;
  if (caller.role === 'citizen') return { patientKeys: [caller.patientKey] };
  if (caller.role !== 'holder' || caller.ura === undefined) return { patientKeys: [] };
  const [organization] = await findOrganizations(unit.sql, [caller.ura]);
  const values = organization === undefined ? [] : placesOf(unit, organization);
  return { subscribedBy: unit.register.holderVaults.vaultOf(caller.ura), tokens: { param: HOLDER_PLACES, values } };
}
