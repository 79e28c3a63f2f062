import type { Consent, Parameters } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { partsOf, resultsOf } from './answers.ts';
import * as family from './family.ts';
import { logged, namedRequest } from './ledger.ts';
import { containing, locationsOf, migrate, migrated, migrateLines, lines, outcomesOf, patientOf } from './migrating.ts';
import { GP, HOSPITAL, LABORATORY, NOOR, PHARMACY, POST } from './people.ts';
import { batchOf, parameters, questionOf } from './questions.ts';
import { BSN_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();
const reasonOf = async (bsn: string, requester = PHARMACY, holder = GP): Promise<string> =>
  (await family.decided(server(), bsn, { requester, holder })).split(' ')[1] ?? '';

async function profileOf(bsn: string): Promise<Parameters> {
  const body = parameters([{ name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } }]);
  return (await server().fhir<Parameters>('/Consent/$profile', { as: `citizen:${bsn}`, body })).body;
}

describe('what a holder brings along', () => {
  it('as a Bundle counts for that holder alone', async () => {
    const bsn = await patientOf(server());
    const answer = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'], deny: ['RPZAC104'] })]);
    expect(outcomesOf(answer)).toEqual(['201 created']);
    const reasons = [await reasonOf(bsn), await reasonOf(bsn, HOSPITAL), await reasonOf(bsn, POST)];
    expect(reasons).toEqual(['consent-given', 'consent-refused', 'no-consent']);
    expect(await reasonOf(bsn, PHARMACY, HOSPITAL)).toBe('no-consent');
  });

  it('as lines has the same result', async () => {
    const bsns = [await patientOf(server()), await patientOf(server())];
    const answer = await migrateLines(server(), lines(bsns.map((bsn) => migrated(bsn, { permit: ['RPZAC005'] }))));
    expect(outcomesOf(answer)).toEqual(['201 created', '201 created']);
    for (const bsn of bsns) expect(await reasonOf(bsn)).toBe('consent-given');
  });

  it('scenario 14: shows a migrated no to the citizen as recorded by that organisation', async () => {
    const bsn = await patientOf(server());
    const [location = ''] = locationsOf(await migrate(server(), [migrated(bsn, { deny: ['RPZAC001'] })]));
    expect(await reasonOf(bsn, POST)).toBe('consent-refused');
    const { body: consent } = await server().fhir<Consent>(`/${location}`, { as: `citizen:${bsn}` });
    expect(validate(server().server.register.conformance, 'Consent', consent)).toEqual([]);
    const recordedBy = consent.organization?.[0]?.reference;
    const [cell] = resultsOf({ status: 200, headers: new Headers(), body: rename(await profileOf(bsn)) });
    expect(cell?.['origin']?.valueCode).toBe('migration');
    expect(cell?.['recordedBy']?.valueReference?.reference).toBe(recordedBy);
    const holder = await server().fhir(`/${recordedBy ?? ''}`, { as: `citizen:${bsn}` });
    expect(holder.body).toMatchObject({ identifier: [{ system: URA_SYSTEM, value: GP }] });
  });

  it('is the citizen’s own: performer and patient are the citizen, and the moment is that of the choice', async () => {
    const bsn = await patientOf(server());
    const item = migrated(bsn, { permit: ['RPZAC005', HOSPITAL] }, { dateTime: '2019-04' });
    const [location = ''] = locationsOf(await migrate(server(), [item]));
    const { body } = await server().fhir<Consent>(`/${location}`, { as: `citizen:${bsn}` });
    expect(body).toMatchObject({ dateTime: '2019-04', performer: [body.patient], status: 'active' });
    expect(await reasonOf(bsn, HOSPITAL)).toBe('consent-given');
  });

  it('is withdrawn with everything else when the citizen refuses everything', async () => {
    const bsn = await patientOf(server());
    await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    const body = parameters([
      { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
      { name: 'option', valueCode: 'none' },
    ]);
    await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body });
    expect(await reasonOf(bsn)).toBe('consent-refused');
  });
});

/** The cells of a profile under the name that `resultsOf` reads. */
function rename({ parameter = [], ...rest }: Parameters): Parameters {
  return { ...rest, parameter: parameter.map((part) => ({ ...part, name: 'result' })) };
}

describe('an item names its citizen and organisation', () => {
  it('by what it contains, of which only the number is used', async () => {
    const bsn = await patientOf(server());
    const answer = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] }, containing(bsn))]);
    expect(outcomesOf(answer)).toEqual(['201 created']);
    const { body } = await server().fhir<Consent>(`/${locationsOf(answer)[0] ?? ''}`, { as: `citizen:${bsn}` });
    expect(JSON.stringify(body)).not.toContain('Geheim');
    expect(body).not.toHaveProperty('contained');
  });

  it('by the Patient’s id, as far as it is subscribed for', async () => {
    const [bsn, stranger] = [await patientOf(server()), await patientOf(server(), PHARMACY)];
    const first = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    const { body } = await server().fhir<Consent>(`/${locationsOf(first)[0] ?? ''}`, { as: `citizen:${bsn}` });
    const by = (reference = '') => ({ patient: { reference }, performer: [{ reference }] });
    const items = [
      migrated(bsn, { permit: ['RPZAC104'] }, by(body.patient?.reference)),
      migrated(bsn, { permit: ['RPZAC104'] }, by(await family.patientOf(server(), stranger))),
      migrated(bsn, { permit: ['RPZAC104'] }, by('Patient/nobody')),
    ];
    expect(outcomesOf(await migrate(server(), items))).toEqual([
      '201 created',
      '403 not-subscribed',
      '403 not-subscribed',
    ]);
  });
});

describe('the call as a whole', () => {
  it.each([
    ['no Bundle', { resourceType: 'Parameters' }],
    ['a batch', { resourceType: 'Bundle', type: 'batch', entry: [] }],
    ['an unknown element', { resourceType: 'Bundle', type: 'collection', total: 1 }],
  ])('is refused for %s', async (_what, body) => {
    const { id, headers } = namedRequest();
    const answer = await server().fhir('/Consent/$migrate', { as: 'gp', headers, body });
    expect(answer.status).toBe(400);
    expect((await logged(server(), id)).map(({ outcome }) => outcome)).toEqual(['4']);
  });

  it('answers an entry without a resource with an error of that entry', async () => {
    const body = { resourceType: 'Bundle', type: 'collection', entry: [{ fullUrl: 'urn:uuid:x' }] };
    const answer = await server().fhir('/Consent/$migrate', { as: 'gp', body });
    expect(outcomesOf(answer as never)).toEqual(['400 bundle-malformed']);
  });

  it('of nothing gives nothing', async () => {
    expect((await migrate(server(), [])).body).toEqual({ resourceType: 'Bundle', type: 'batch-response' });
  });

  it.each(['batch', 'transaction'])('is no part of a %s', async (type) => {
    const request = { method: 'POST', url: 'Consent/$migrate' };
    const resource = { resourceType: 'Bundle', type: 'collection' };
    const body = { resourceType: 'Bundle', type, entry: [{ request, resource }] };
    const answer = await server().fhir('/', { as: 'gp', body });
    expect(JSON.stringify(answer.body)).toContain('migration-in-bundle');
  });

  it('needs the scope', async () => {
    expect((await migrate(server(), [], 'exchange')).status).toBe(403);
    expect((await migrate(server(), [], `citizen:${NOOR}`)).status).toBe(403);
  });

  it('leaves a record of itself, and one for each item in the log of its citizen', async () => {
    const bsns = [await patientOf(server(), LABORATORY), await patientOf(server(), LABORATORY)];
    const { id, headers } = namedRequest();
    const category = [{ coding: [{ system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: 'GGC012' }] }];
    const items = bsns.map((bsn) => migrated(bsn, { permit: ['RPZAC001'] }, { category }, LABORATORY));
    const answer = await migrate(server(), items, 'laboratory', headers);
    expect(outcomesOf(answer)).toEqual(['201 created', '201 created']);
    const records = await logged(server(), id);
    const keyOf = (bsn: string) => server().server.register.vault.keyOf(bsn).toString('hex');
    const told = records.map(({ about, detail }) => [about, detail.entities?.join() ?? '']);
    const locations = locationsOf(answer);
    expect(told.sort()).toEqual([[null, ''], ...bsns.map((bsn, at) => [keyOf(bsn), locations[at] ?? ''])].sort());
  });

  it('decides no differently for all that it brought than item by item', async () => {
    const bsns = await Promise.all(Array.from({ length: 4 }, () => patientOf(server())));
    await migrate(
      server(),
      bsns.map((bsn) => migrated(bsn, { permit: ['RPZAC005'], deny: ['RPZAC001'] })),
    );
    const body = batchOf(bsns.flatMap((bsn) => [questionOf(bsn), questionOf(bsn, { requester: POST })]));
    const results = resultsOf(await server().fhir('/Consent/$check', { as: 'gp', body }));
    expect(results.map((one) => one['decision']?.valueCode)).toEqual(bsns.flatMap(() => ['permit', 'deny']));
    expect(partsOf(await server().fhir('/Consent/$check', { as: 'gp', body }))['decision']).toBeUndefined();
  });
});
