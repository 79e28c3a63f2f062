import type { Bundle, Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, partsOf, verdict } from './answers.ts';
import type { Stored } from './kinds.ts';
import { freshBsn, GP, PHARMACY } from './people.ts';
import { choice, question } from './questions.ts';
import { TYPE_SYSTEM, consent } from './resources.ts';

const server = useTestServer();
const YEAR_2000 = '2000-01-01T00:00:00Z';
const YEAR_2999 = '2999-01-01T00:00:00Z';

/** The moment of the newest recording for a citizen; a moment later by whole milliseconds is certainly after it. */
async function lastRecording(as: string): Promise<number> {
  const history = await server().fhir<Bundle>('/Consent/_history?_count=1', { as });
  return Date.parse(history.body.entry?.[0]?.response?.lastModified ?? '');
}

const instant = (milliseconds: number) => new Date(milliseconds).toISOString();

async function ask(bsn: string, moments: { at?: string; knownAt?: string } = {}): Promise<string> {
  const body = question(bsn, { holderType: 'Z3', requesterType: 'J8', ...moments });
  const parts = partsOf(await server().fhir('/Consent/$check', { as: 'auditor', body }));
  return `${parts['decision']?.valueCode ?? ''} ${parts['reason']?.valueCoding?.code ?? ''}`;
}

/** Waits until the database's clock has left this millisecond behind. */
async function pass(moment: number): Promise<void> {
  const { database } = server().server.register;
  await database.query(`select pg_sleep_until(to_timestamp($1::float8 / 1000))`, [moment + 2]);
}

describe('the auditor', () => {
  const bsn = freshBsn();
  const as = `citizen:${bsn}`;
  let yes = 0;
  let no = 0;

  beforeAll(async () => {
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') });
    yes = await lastRecording(as);
    await pass(yes);
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'none') });
    no = await lastRecording(as);
    await pass(no);
  });

  it('sees each choice at its own moment', async () => {
    expect(await ask(bsn, { at: YEAR_2000 })).toBe('deny no-consent');
    expect(await ask(bsn, { at: instant(yes - 1) })).toBe('deny no-consent');
    expect(await ask(bsn, { at: instant(yes) })).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(no - 1) })).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(no) })).toBe('deny consent-refused');
    expect(await ask(bsn, { at: YEAR_2999 })).toBe('deny consent-refused');
    expect(await ask(bsn)).toBe('deny consent-refused');
  });

  it('sees what was known at a moment, and no later choice', async () => {
    expect(await ask(bsn, { knownAt: YEAR_2000 })).toBe('deny no-consent');
    expect(await ask(bsn, { knownAt: instant(yes) })).toBe('permit consent-given');
    expect(await ask(bsn, { knownAt: instant(no) })).toBe('deny consent-refused');
    expect(await ask(bsn, { at: YEAR_2999, knownAt: instant(yes) })).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(yes), knownAt: instant(no) })).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(no), knownAt: instant(yes) })).toBe('permit consent-given');
  });

  it('is told the versions that counted then', async () => {
    const body = question(bsn, { at: instant(yes) });
    const basis = partsOf(await server().fhir('/Consent/$check', { as: 'auditor', body }))['basedOn'];
    const [consentId = '', version] = (basis?.valueReference?.reference ?? '')
      .replace('Consent/', '')
      .split('/_history/');
    expect(version).toBe('1');
    const read = await server().fhir<Consent>(`/Consent/${consentId}/_history/1`, { as });
    expect(read.body.provision?.provision?.[0]?.type).toBe('permit');
  });

  it('finds in the log which moments were asked about', async () => {
    const body = question(bsn, { at: instant(yes), knownAt: instant(no) });
    const { decisionId } = partsOf(await server().fhir('/Consent/$check', { as: 'auditor', body }));
    const event = await server().fhir(`/AuditEvent/${(decisionId?.valueUri ?? '').slice(9)}`, { as: 'auditor' });
    expect(JSON.stringify(event.body)).toContain(`{"type":"at","valueString":"${instant(yes)}"}`);
    expect(JSON.stringify(event.body)).toContain(`{"type":"knownAt","valueString":"${instant(no)}"}`);
  });

  it('finds the register as it was: what came after changes nothing', async () => {
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all') });
    expect(await ask(bsn)).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(no) })).toBe('deny consent-refused');
    expect(await ask(bsn, { knownAt: instant(no) })).toBe('deny consent-refused');
  });
});

describe('a Consent that was recorded in error', () => {
  const endings = [
    ['entered-in-error', 'deny no-consent'],
    ['inactive', 'permit consent-given'],
  ] as const;

  it.each(endings)('(%s) at the time of its recording counts, as known now: %s', async (status, asKnownNow) => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body } = await server().fhir<Stored>('/Consent', { as, body: consent(bsn) });
    const recorded = await lastRecording(as);
    await pass(recorded);
    const change = { ...body, status };
    const headers = { 'If-Match': 'W/"1"' };
    expect((await server().fhir(`/Consent/${body.id}`, { method: 'PUT', as, headers, body: change })).status).toBe(200);
    const ended = await lastRecording(as);
    await pass(ended);
    expect(await ask(bsn)).toBe('deny no-consent');
    expect(await ask(bsn, { at: instant(recorded) })).toBe(asKnownNow);
    expect(await ask(bsn, { at: instant(recorded), knownAt: instant(ended - 1) })).toBe('permit consent-given');
    expect(await ask(bsn, { at: instant(ended) })).toBe('deny no-consent');
    expect(await ask(bsn, { knownAt: instant(ended - 1) })).toBe('permit consent-given');
  });

  it('and one that was deleted, at the moment before', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    const { body } = await server().fhir<Stored>('/Consent', { as, body: consent(bsn) });
    const recorded = await lastRecording(as);
    await pass(recorded);
    await server().fhir(`/Consent/${body.id}`, { method: 'DELETE', as, headers: { 'If-Match': 'W/"1"' } });
    await pass(
      await server()
        .server.register.database.query<{ now: number }>('select clock_timestamp() as now')
        .then(({ rows }) => rows[0]?.now ?? 0),
    );
    expect(await ask(bsn)).toBe('deny no-consent');
    expect(await ask(bsn, { at: instant(recorded) })).toBe('permit consent-given');
  });
});

describe('an organisation', () => {
  it('is of the types it had then', async () => {
    const bsn = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
    const recorded = await lastRecording(`citizen:${bsn}`);
    await pass(recorded);
    const [pharmacy] = entriesOf<Stored & { resourceType: 'Organization' }>(
      await server().fhir(`/Organization?identifier=${PHARMACY}`, { as: 'admin' }),
    );
    const type = [{ coding: [{ system: TYPE_SYSTEM, code: 'K9' }] }];
    const path = `/Organization/${pharmacy?.id ?? ''}`;
    expect((await server().fhir(path, { method: 'PUT', as: 'admin', body: { ...pharmacy, type } })).status).toBe(200);
    const asked = (requesterType: string, at?: string) =>
      server().fhir('/Consent/$check', {
        as: 'auditor',
        body: question(bsn, { holder: GP, requesterType, ...(at === undefined ? {} : { at }) }),
      });
    expect(verdict(await asked('J8', instant(recorded)))).toBe('200');
    expect(verdict(await asked('K9', instant(recorded)))).toBe('422 type-contradicts-registry');
    expect(verdict(await asked('K9'))).toBe('200');
    expect(verdict(await asked('J8'))).toBe('422 type-contradicts-registry');
  });
});
