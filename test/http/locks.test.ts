import type { Bundle, Consent, Parameters } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { freshBsn } from './people.ts';
import { choice, question } from './questions.ts';
import { patient } from './resources.ts';

const server = useTestServer();
const ROUNDS = Array.from({ length: 12 }, (_, round) => round);

const gpMayShareWith = (category: string, decision: string) => [
  { name: 'holderCategory', valueCode: 'HA' },
  { name: 'requesterCategory', valueCode: category },
  { name: 'decision', valueCode: decision },
];

async function decisionOf(bsn: string): Promise<string | undefined> {
  const answer = await server().fhir<Parameters>('/Consent/$check', { as: 'gp', body: question(bsn) });
  return answer.body.parameter?.find(({ name }) => name === 'decision')?.valueCode;
}

function choose(bsn: string, category: string, decision: string) {
  const body = choice(bsn, 'certain', [gpMayShareWith(category, decision)]);
  return server().fhir<Bundle<Consent>>('/Consent/$choose', { as: `citizen:${bsn}`, body });
}

describe('recordings for one citizen at once', () => {
  it.each(ROUNDS)('never bring back a consent whose deletion was acknowledged, round %i', async () => {
    const bsn = freshBsn();
    const made = await choose(bsn, 'RPZAC005', 'permit');
    const id = made.body.entry?.[0]?.resource?.id ?? '';
    const [chosen, deleted] = await Promise.all([
      choose(bsn, 'RPZAC104', 'permit'),
      server().fhir(`/Consent/${id}`, { method: 'DELETE', as: `citizen:${bsn}`, headers: { 'If-Match': 'W/"1"' } }),
    ]);
    expect(chosen.status).toBe(200);
    expect([204, 412]).toContain(deleted.status);
    expect(await decisionOf(bsn)).toBe(deleted.status === 204 ? 'deny' : 'permit');
  });

  it.each(ROUNDS)('never leave choices with a Patient that was deleted, round %i', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const made = await server().fhir<{ id: string }>('/Patient', { as, body: patient(bsn) });
    const [deleted, chosen] = await Promise.all([
      server().fhir(`/Patient/${made.body.id}`, { method: 'DELETE', as }),
      choose(bsn, 'RPZAC005', 'permit'),
    ]);
    expect([204, 409]).toContain(deleted.status);
    expect(chosen.status).toBe(200);
    const subject = chosen.body.entry?.[0]?.resource?.patient?.reference ?? '';
    expect((await server().fhir(`/${subject}`, { as })).status).toBe(200);
  });

  it('neither block nor refuse each other', async () => {
    const bsn = freshBsn();
    const calls = Array.from({ length: 20 }, (_, at) => choose(bsn, 'RPZAC005', at % 2 === 0 ? 'permit' : 'deny'));
    const created = await server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
    const answers = await Promise.all(calls);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect([201, 409]).toContain(created.status);
  });
});
