import type { Bundle, Consent, Parameters } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

const BSN_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA_SYSTEM = 'http://fhir.nl/fhir/NamingSystem/ura';
const ROUNDS = 12;

/** A citizen of each round's own: 9999, four digits, and the one that makes the eleven-test pass. */
function citizenOf(round: number): string {
  for (let number = 999950000 + round * 20; ; number += 1) {
    const digits = [...String(number)].map(Number);
    const sum = digits.reduce((total, digit, at) => total + digit * (at === 8 ? -1 : 9 - at), 0);
    if (sum % 11 === 0) return String(number);
  }
}

function choice(bsn: string, requester: string, decision: string) {
  const part = [
    { name: 'holderCategory', valueCode: 'HA' },
    { name: 'requesterCategory', valueCode: requester },
    { name: 'decision', valueCode: decision },
  ];
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
      { name: 'option', valueCode: 'certain' },
      { name: 'answer', part },
    ],
  };
}

async function decisionOf(bsn: string): Promise<string | undefined> {
  const body = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
      { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: '00000659' } },
      { name: 'requester', valueIdentifier: { system: URA_SYSTEM, value: '00014332' } },
    ],
  };
  const answer = await server().fhir<Parameters>('/Consent/$check', { as: 'gp', body });
  return answer.body.parameter?.find(({ name }) => name === 'decision')?.valueCode;
}

async function choose(bsn: string, requester: string, decision: string) {
  const as = `citizen:${bsn}`;
  return server().fhir<Bundle<Consent>>('/Consent/$choose', { as, body: choice(bsn, requester, decision) });
}

describe('recordings for one citizen at once', () => {
  it('never bring back a consent whose deletion was acknowledged', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const bsn = citizenOf(round);
      const made = await choose(bsn, 'RPZAC005', 'permit');
      const id = made.body.entry?.[0]?.resource?.id ?? '';
      const [chosen, deleted] = await Promise.all([
        choose(bsn, 'RPZAC104', 'permit'),
        server().fhir(`/Consent/${id}`, { method: 'DELETE', as: `citizen:${bsn}`, headers: { 'If-Match': 'W/"1"' } }),
      ]);
      expect(chosen.status).toBe(200);
      expect([204, 412]).toContain(deleted.status);
      expect(await decisionOf(bsn)).toBe(deleted.status === 204 ? 'deny' : 'permit');
    }
  }, 60_000);

  it('never leave choices of a citizen whose Patient was deleted', async () => {
    for (let round = ROUNDS; round < 2 * ROUNDS; round += 1) {
      const bsn = citizenOf(round);
      const as = `citizen:${bsn}`;
      const patient = { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: bsn }] };
      const made = await server().fhir<{ id: string }>('/Patient', { as, body: patient });
      const [deleted, chosen] = await Promise.all([
        server().fhir(`/Patient/${made.body.id}`, { method: 'DELETE', as }),
        choose(bsn, 'RPZAC005', 'permit'),
      ]);
      expect(chosen.status).toBe(200);
      const read = await server().fhir(`/Patient/${made.body.id}`, { as });
      const reference = chosen.body.entry?.[0]?.resource?.patient?.reference;
      expect(deleted.status === 204 ? reference !== `Patient/${made.body.id}` : read.status === 200).toBe(true);
    }
  }, 60_000);

  it('neither block nor refuse each other', async () => {
    const bsn = citizenOf(3 * ROUNDS);
    const calls = Array.from({ length: 20 }, (_, index) =>
      choose(bsn, 'RPZAC005', index % 2 === 0 ? 'permit' : 'deny'),
    );
    const patient = { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: bsn }] };
    const created = server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient });
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect([201, 409]).toContain((await created).status);
  }, 60_000);
});
