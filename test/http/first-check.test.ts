import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

const question = (bsn: string, requester: string) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'patient', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/bsn', value: bsn } },
    { name: 'holder', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00000659' } },
    { name: 'requester', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: requester } },
  ],
});

describe('a first $check', () => {
  it('permits what a citizen with option 1 allows', async () => {
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question('900203638', '00014332') });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ parameter: expect.arrayContaining([{ name: 'decision', valueCode: 'permit' }]) });
  });

  it('denies what a citizen with option 3 refuses', async () => {
    const answer = await server().fhir('/Consent/$check', { as: 'gp', body: question('900203651', '00014332') });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ parameter: expect.arrayContaining([{ name: 'decision', valueCode: 'deny' }]) });
  });

  it('answers nothing to nobody', async () => {
    const answer = await server().fhir('/Consent/$check', { body: question('900203638', '00014332') });
    expect(answer.status).toBe(401);
  });
});
