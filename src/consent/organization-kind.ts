import type { Organization } from '@medplum/fhirtypes';
import { ORGANISATION_TYPE_SYSTEM } from '../catalogue/catalogue.ts';
import { readUra, URA_SYSTEM } from '../fhir/identifiers.ts';
import { searchValues } from '../fhir/search-values.ts';
import { problem } from '../problem.ts';
import {
  findOrganizations,
  insertOrganization,
  ORGANIZATION,
  type OrganizationRow,
  updateOrganization,
} from '../storage/organization.ts';
import type { Unit } from './unit.ts';
import type { AnyResource, Prepared, ResourceKind } from './resource-kind.ts';
import { withoutMeta } from './stored.ts';

export const ORGANIZATION_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-organization';

/** Care providers: known to everyone who has a token; its number never changes, since answers name it. */
export const ORGANIZATION_KIND: ResourceKind<OrganizationRow> = {
  type: 'Organization',
  table: ORGANIZATION,
  versionRequired: false,
  prepare: (unit, resource, before) => prepare(unit, resource as Organization, before),
  maySee: () => Promise.resolve(true),
  beforeDelete: () => Promise.resolve(),
  show: (_unit, _row, content) => content as AnyResource,
  scope: () => Promise.resolve('all'),
  patientKeyOf: () => undefined,
};

async function prepare(
  unit: Unit,
  organization: Organization,
  before: OrganizationRow | undefined,
): Promise<Prepared<OrganizationRow>> {
  const at = (organization.identifier ?? []).findIndex(({ system }) => system === URA_SYSTEM);
  const ura = readUra(organization.identifier?.[at]?.value ?? '', `Organization.identifier[${at}].value`);
  if (before !== undefined && before.ura !== ura) {
    throw problem('invalid', 'ura-changed', 'The URA of an Organization never changes.', 'Organization.identifier');
  }
  if (before === undefined && (await findOrganizations(unit.sql, [ura])).length > 0) {
    throw problem('conflict', 'ura-registered', 'An Organization with this URA is registered already.');
  }
  const types = typesOf(unit, organization);
  const content = withoutMeta(organization, ORGANIZATION_PROFILE);
  return {
    content,
    search: searchValues(unit.register.conformance, content),
    insert: (sql, version) => insertOrganization(sql, { ...version, ura, types }),
    update: (sql, version) => updateOrganization(sql, { ...version, ura, types }),
  };
}

/** The organisation types, each of which must take part in care. */
function typesOf({ register }: Unit, organization: Organization): string[] {
  const codings = (organization.type ?? []).flatMap(({ coding }) => coding ?? []);
  const types = codings.filter(({ system }) => system === ORGANISATION_TYPE_SYSTEM).map(({ code }) => code ?? '');
  const strange = types.some((type) => register.catalogue.organisationTypes.get(type)?.requesterCategory === undefined);
  if (strange || types.length === 0) {
    throw problem(
      'invalid',
      'type-not-in-care',
      'Only organisations with a type in care are registered.',
      'Organization.type',
    );
  }
  return [...new Set(types)];
}
