import { ORGANISATION_TYPE_SYSTEM } from '../../../dist/catalogue/catalogue.js';
import { ORGANIZATION_PROFILE } from '../../../dist/consent/organization-kind.js';
import { URA_SYSTEM } from '../../../dist/fhir/identifiers.js';
import { searchValues } from '../../../dist/fhir/search-values.js';
import { MOMENT } from './templates.js';

const FILL = `
  with made as (
    insert into organization (id, version, recorded_at, deleted, content, search, ura, types)
    select gen_random_uuid()::text, 1, $1, false, content, search, ura, array[type]
    from unnest($2::text[], $3::text[], $4::json[], $5::jsonb[]) as one (ura, type, content, search) returning *)
  insert into organization_history (id, version, recorded_at, method, content, ura, types)
  select id, version, recorded_at, 'create', content, ura, types from made`;
// Notifications to them go to this machine.
const FILL_CLIENTS = `
  insert into client (id, role, ura, active, created_at, changed_at, hosts)
  select 'bench-' || ura, 'holder', ura, true, $1, $1, '{127.0.0.1}' from unnest($2::text[]) as ura`;
/** Numbers of organisations that nobody has: all below it are of the sandbox, or real ones. */
const FIRST = 99_000_000;

function contentOf({ ura, type }) {
  return {
    resourceType: 'Organization',
    meta: { profile: [ORGANIZATION_PROFILE] },
    identifier: [{ system: URA_SYSTEM, value: ura }],
    active: true,
    type: [{ coding: [{ system: ORGANISATION_TYPE_SYSTEM, code: type }] }],
    name: `Organisatie ${ura}`,
  };
}

/** Registers organisations, spread over the types that the catalogue has in care, each with a client. @returns `{ ura, type }` */
export async function fillOrganisations(client, catalogue, conformance, count) {
  const types = [...catalogue.organisationTypes.values()].filter((type) => type.requesterCategory !== undefined);
  const made = Array.from({ length: count }, (_, at) => ({
    ura: String(FIRST + at),
    type: types[at % types.length].code,
  }));
  const contents = made.map(contentOf);
  const [uras, codes] = [made.map(({ ura }) => ura), made.map(({ type }) => type)];
  const searches = contents.map((content) => JSON.stringify(searchValues(conformance, content)));
  await client.query(FILL, [MOMENT, uras, codes, contents.map((content) => JSON.stringify(content)), searches]);
  await client.query(FILL_CLIENTS, [MOMENT, uras]);
  return made;
}
