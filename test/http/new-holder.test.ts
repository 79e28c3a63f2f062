import type { AuditEvent, Organization, Subscription } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf } from './answers.ts';
import { choose, decided, said } from './family.ts';
import { freshBsn, freshUra, HOSPITAL, PHARMACY } from './people.ts';
import { parameters } from './questions.ts';
import { changeClient } from './registered-client.ts';
import { organization } from './resources.ts';
import { subscription } from './subscription-bodies.ts';

const server = useTestServer();

describe('a practice that comes later (scenario 13)', () => {
  const [bsn, ura] = [freshBsn(), freshUra()];
  const asked = { holder: ura, requester: HOSPITAL };

  beforeAll(async () => {
    await choose(server(), bsn, said('permit', { requesterCategory: 'RPZAC104' }));
    const body = organization(ura);
    expect((await server().fhir<Organization>('/Organization', { as: 'admin', body })).status).toBe(201);
    // The sandbox signs tokens for its own clients, so one of them moves to the new practice.
    await changeClient(server(), 'laboratory', { ura });
  });

  it('registers its patient, may share what was allowed to all GPs, and no more', async () => {
    const body = subscription(bsn, { ura });
    const answer = await server().fhir<Subscription>('/Subscription', { as: 'laboratory', body });
    expect([answer.status, answer.body.status]).toEqual([201, 'active']);
    expect(await decided(server(), bsn, asked)).toBe('permit consent-given');
    expect(await decided(server(), bsn, { ...asked, requester: PHARMACY })).toBe('deny no-consent');
  });

  it('stands in the log of the citizen, who sees who registered them', async () => {
    const log = await server().fhir('/Patient/$access-log', { as: `citizen:${bsn}`, body: parameters([]) });
    const registrations = entriesOf<AuditEvent>(log).filter(({ subtype }) =>
      subtype?.some(({ code }) => code === 'Subscription.create' || code === 'create'),
    );
    expect(JSON.stringify(registrations)).toContain(ura);
  });

  it('sees the Consent that speaks of it, which nobody may without a registration', async () => {
    const found = await server().fhir('/Consent?status=active', { as: 'laboratory' });
    expect(entriesOf(found)).toHaveLength(1);
    expect(entriesOf(await server().fhir('/Consent?status=active', { as: 'gp' }))).not.toContainEqual(
      entriesOf(found)[0],
    );
  });
});
