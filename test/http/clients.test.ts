import type { OperationOutcome, Organization, Parameters, Resource } from '@medplum/fhirtypes';
import { ORGANISATION_TYPE_SYSTEM } from '../../src/catalogue/catalogue.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { BSN_SYSTEM, URA_SYSTEM } from '../../src/fhir/identifiers.ts';
import { useTestServer } from '../setup/test-server.ts';
import { type FhirClient, fhirKit, type MakeClient, medplum, smartOnFhir } from './clients.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { checkParameters, chooseParameters } from './scenarios-parameters.ts';

const server = useTestServer();
let registered = 90000800;

describe.each<[string, MakeClient]>([
  ['MedplumClient', medplum],
  ['fhir-kit-client', fhirKit],
  ['fhirclient', smartOnFhir],
])('%s', (_name, make) => {
  it('creates an Organization and reads it', async () => {
    const client = await clientOf(make, 'admin');
    const created = await client.create(anOrganization());
    expect(created).toMatchObject({ resourceType: 'Organization', meta: { versionId: '1' } });
    expect(await client.read('Organization', created.id ?? '')).toEqual(created);
  });

  it('searches and pages to the end', async () => {
    const client = await clientOf(make, 'admin');
    const name = `Practice ${registered}`;
    const created: string[] = [];
    for (let one = 0; one < 5; one += 1) created.push((await client.create(anOrganization(name))).id ?? '');
    const pages = await client.pages('Organization', { name, _count: '2' });
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(pages.flat().sort()).toEqual(created.sort());
  });

  it("records a citizen's Consent, which a $check then finds", async () => {
    const bsn = freshCitizen();
    const citizen = await clientOf(make, `citizen:${bsn}`);
    const { id = '' } = await citizen.create({
      resourceType: 'Patient',
      identifier: [{ system: BSN_SYSTEM, value: bsn }],
    });
    const consent = await citizen.create(aConsent(`Patient/${id}`));
    expect(await citizen.pages('Consent', { status: 'active' })).toEqual([[consent.id]]);
    const answer = await (await clientOf(make, 'exchange')).check(question(bsn, '00014332'));
    expect(answer.parameter).toEqual(expect.arrayContaining(permitBy(`Consent/${consent.id ?? ''}/_history/1`)));
    const denied = await (await clientOf(make, 'exchange')).check(question(bsn, '00005098'));
    expect(denied.parameter).toContainEqual({ name: 'decision', valueCode: 'deny' });
  });

  it('pages through the Consents of a citizen', async () => {
    const bsn = freshCitizen();
    const as = `citizen:${bsn}`;
    await server().fhir('/Consent/$choose', { as, body: chooseParameters(bsn, { option: 'all' }) });
    const pages = await (await clientOf(make, as)).pages('Consent', { status: 'active', _count: '3' });
    expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
    expect(new Set(pages.flat()).size).toBe(7);
  });

  it('reads why something is not found', async () => {
    const client = await clientOf(make, 'admin');
    const outcome = await outcomeOf(client, () => client.read('Organization', 'nowhere'));
    expect(outcome).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ code: 'not-found' }] });
  });

  it('reads why something is refused, with the element', async () => {
    const client = await clientOf(make, 'admin');
    const withoutType = anOrganization();
    delete withoutType.type;
    const outcome = await outcomeOf(client, () => client.create(withoutType));
    expect(outcome).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'required', expression: ['Organization.type'] }],
    });
  });

  it('reads why a $check cannot be asked', async () => {
    const client = await clientOf(make, 'exchange');
    const outcome = await outcomeOf(client, () => client.check(question('123456789', '00014332')));
    expect(outcome.issue[0]?.details?.coding?.[0]?.code).toBe('bsn-invalid');
  });
});

async function clientOf(make: MakeClient, who: string): Promise<FhirClient> {
  return make(server().baseUrl, await server().token(who));
}

async function outcomeOf(client: FhirClient, work: () => Promise<unknown>): Promise<OperationOutcome> {
  try {
    await work();
  } catch (error) {
    return client.outcomeIn(error);
  }
  throw new Error('this was not refused');
}

function anOrganization(name = 'A practice'): Organization {
  registered += 1;
  return {
    resourceType: 'Organization',
    identifier: [{ system: URA_SYSTEM, value: String(registered) }],
    active: true,
    type: [{ coding: [{ system: ORGANISATION_TYPE_SYSTEM, code: 'Z3' }] }],
    name,
  };
}

/** From GPs to pharmacies. */
function aConsent(patient: string): Resource {
  return consentOf({
    status: 'active',
    patient,
    performer: patient,
    holder: { kind: 'category', code: 'HA' },
    category: 'GGC002',
    answers: [{ requester: { kind: 'category', code: 'RPZAC005' }, decision: 'permit' }],
    dateTime: Date.now(),
    origin: 'portal',
    catalogueVersion: server().server.register.catalogue.version,
  });
}

function question(bsn: string, requester: string): Parameters {
  const holder = { ura: '00000659', type: 'Z3' };
  const type = requester === '00014332' ? 'J8' : 'V4';
  return checkParameters(server().server.register.catalogue, bsn, { holder, requester: { ura: requester, type } });
}

function permitBy(reference: string): object[] {
  return [
    { name: 'decision', valueCode: 'permit' },
    { name: 'basedOn', valueReference: { reference } },
  ];
}
