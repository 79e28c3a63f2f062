import { randomUUID } from 'node:crypto';
import type { Bundle, Consent, Parameters } from '@medplum/fhirtypes';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { insertConsent } from '../../src/storage/consent.ts';
import { useTestServer } from '../setup/test-server.ts';
import { freshBsn, GP, HOSPITAL, PHARMACY } from './people.ts';
import { choice, question } from './questions.ts';

const server = useTestServer();

/** What the GP practice brought along: its patient allows pharmacies and hospitals. No door records this yet. */
async function migrate(bsn: string): Promise<void> {
  const { database, vault } = server().server.register;
  const recordedAt = Date.parse('2026-01-05T09:00:00Z');
  const permits = ['RPZAC005', 'RPZAC104'];
  const content = consentOf({
    status: 'active',
    patient: 'Patient/somebody',
    performer: 'Patient/somebody',
    organization: 'Organization/gp',
    holder: { kind: 'organisation', ura: GP },
    category: 'GGC002',
    answers: permits.map((code) => ({ requester: { kind: 'category', code }, decision: 'permit' })),
    dateTime: recordedAt,
    origin: 'migration',
    catalogueVersion: '3960100',
  });
  const rule = {
    v: 1,
    holder: `o:${GP}`,
    category: 'GGC002',
    authority: 'migrated',
    pending: false,
    answers: permits.map((code) => [`c:${code}`, 'permit']),
  };
  const id = randomUUID();
  const standing = { status: 'active', rule, patientKey: vault.keyOf(bsn) };
  await insertConsent(database, { id, recordedAt, content, search: {}, ...standing });
}

async function reasonOf(bsn: string, requester: string): Promise<string | undefined> {
  const answer = await server().fhir<Parameters>('/Consent/$check', { as: 'gp', body: question(bsn, { requester }) });
  return answer.body.parameter?.find(({ name }) => name === 'reason')?.valueCoding?.code;
}

async function choose(bsn: string, requester: string, decision: string): Promise<Consent[]> {
  const part = [
    { name: 'holder', valueIdentifier: { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: GP } },
    { name: 'requesterCategory', valueCode: requester },
    { name: 'decision', valueCode: decision },
  ];
  const body = choice(bsn, 'certain', [part]);
  const answer = await server().fhir<Bundle<Consent>>('/Consent/$choose', { as: `citizen:${bsn}`, body });
  expect(answer.status).toBe(200);
  return (answer.body.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

const originOf = ({ extension }: Consent) => extension?.find(({ url }) => url.endsWith('/origin'))?.valueCode;

describe('clearing a part of what was migrated', () => {
  it('takes that part away and leaves the rest the provider’s', async () => {
    const bsn = freshBsn();
    await migrate(bsn);
    expect(await reasonOf(bsn, PHARMACY)).toBe('consent-given');
    const [left, ...others] = await choose(bsn, 'RPZAC005', 'clear');
    expect(others).toEqual([]);
    expect(left).toMatchObject({
      organization: [{ reference: 'Organization/gp' }],
      dateTime: '2026-01-05T09:00:00.000Z',
    });
    expect(left === undefined ? undefined : originOf(left)).toBe('migration');
    expect(await reasonOf(bsn, PHARMACY)).toBe('no-consent');
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-given');
  });

  it('gives the rest no authority over the citizen’s own answers', async () => {
    const bsn = freshBsn();
    await migrate(bsn);
    const everywhere = [
      { name: 'holderCategory', valueCode: 'HA' },
      { name: 'requesterCategory', valueCode: 'RPZAC104' },
      { name: 'decision', valueCode: 'deny' },
    ];
    const body = choice(bsn, 'certain', [everywhere]);
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body });
    await choose(bsn, 'RPZAC005', 'clear');
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-refused');
  });
});
