import { randomUUID } from 'node:crypto';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { widestDataCategory } from '../catalogue/look-up.ts';
import { LONGEST_GRANT } from '../decision/emergency.ts';
import type { GrantRequest, NamedHolder } from '../fhir/grant-parameters.ts';
import { grantOf } from '../fhir/grant-resource.ts';
import { problem } from '../problem.ts';
import { countRecentEvents } from '../storage/audit-event.ts';
import { findOrganizations, type OrganizationRow } from '../storage/organization.ts';
import { type Citizen, openCitizen } from './citizen.ts';
import { requireUnlocked } from './citizen-lock.ts';
import { draftConsent } from './consent-draft.ts';
import { CONSENT_KIND } from './consent-kind.ts';
import type { Unit } from './unit.ts';
import { type Stored, storedOf } from './stored.ts';

/** Nothing else is recorded in this way: by it the log knows a grant. */
const WAY = 'emergency';

/**
 * Records an emergency grant for the caller's own organisation (rules 14 to 16): the Consent and the audit record in one
 * transaction. It counts from this recording, by the database's clock, for exactly 259,200 seconds.
 * @throws Problem forbidden for an organisation of another type, and without the patient's agreement for a citizen who is
 *   locked; invalid for a holder that is not registered or not in care, and for a second grant without agreement
 */
export async function grantEmergency(unit: Unit, request: GrantRequest): Promise<Stored> {
  const { catalogue, vault } = unit.register;
  const patientKey = vault.keyOf(request.bsn);
  unit.note({ patientKey });
  const organization = await recordingOrganization(unit);
  await requireHolders(unit, request.holders);
  const citizen = await openCitizen(unit, patientKey, request.bsn);
  if (request.patientAgreed !== 'agreed') await requireUnlocked(unit, [patientKey]);
  const isRepeated = await hasRecentGrant(unit, citizen, organization);
  if (isRepeated) requireAgreement(request);
  const consent = grantOf({
    patient: citizen.reference,
    organization: `Organization/${organization.id}`,
    ura: organization.ura,
    holders: request.holders.map(({ ura }) => ura),
    category: widestDataCategory(catalogue),
    start: citizen.now,
    patientAgreed: request.patientAgreed,
    reason: request.reason,
    catalogueVersion: catalogue.version,
  });
  const draft = await draftConsent(unit, consent, patientKey);
  const { content, search } = draft;
  const row = await draft.insert(unit.sql, { id: randomUUID(), recordedAt: citizen.now, content, search });
  const entities = [`Consent/${row.id}/_history/${row.version}`];
  unit.note({
    patientKey,
    detail: { entities, ...(isRepeated ? { flagged: 'repeated-emergency-grant' } : {}) },
    recorded: { way: WAY, consents: entities, reason: request.reason },
  });
  return storedOf(unit, CONSENT_KIND, row, true);
}

/** The caller's organisation, as it is registered now. */
async function recordingOrganization({ caller, sql, register }: Unit): Promise<OrganizationRow> {
  const ura = caller.role === 'holder' ? caller.ura : undefined;
  const [organization] = ura === undefined ? [] : await findOrganizations(sql, [ura]);
  if (organization?.types.some((type) => mayGrant(register.catalogue, type)) === true) return organization;
  throw problem('forbidden', 'not-an-emergency-organization', 'This organisation records no emergency grants.');
}

function mayGrant(catalogue: Catalogue, type: string): boolean {
  return catalogue.organisationTypes.get(type)?.mayGrantEmergency === true;
}

async function requireHolders({ register, sql }: Unit, holders: readonly NamedHolder[]): Promise<void> {
  const rows = await findOrganizations(
    sql,
    holders.map(({ ura }) => ura),
  );
  const registered = new Map(rows.map(({ ura, types }) => [ura, types]));
  for (const { ura, expression } of holders) {
    const types = registered.get(ura);
    if (types === undefined) {
      throw problem('invalid', 'holder-not-registered', 'The holder organisation is not registered.', expression);
    }
    if (!types.some((type) => register.catalogue.organisationTypes.get(type)?.holderCategory !== undefined)) {
      throw problem('invalid', 'holder-not-in-care', 'This organisation holds no patient records.', expression);
    }
  }
}

/** Whether this organisation recorded a grant for this citizen less than 72 hours ago, whatever became of it since. */
async function hasRecentGrant({ sql }: Unit, citizen: Citizen, { ura }: OrganizationRow): Promise<boolean> {
  return (await countRecentEvents(sql, citizen.patientKey, citizen.now - LONGEST_GRANT, { way: WAY, ura })) > 0;
}

function requireAgreement({ patientAgreed, agreedExpression }: GrantRequest): void {
  if (patientAgreed === 'agreed') return;
  const text = 'A second grant within 72 hours of an earlier one needs the agreement of the patient.';
  throw problem('invalid', 'second-grant-needs-agreement', text, `${agreedExpression}.valueCode`);
}
