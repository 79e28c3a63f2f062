import { useTestServer } from '../setup/test-server.ts';
import { decided } from './family.ts';
import { logged, namedRequest, storedRows } from './ledger.ts';
import { containing, migrate, migrated, outcomesOf, patientOf } from './migrating.ts';
import { ELS, freshBsn, HOSPITAL, NOOR, PHARMACY } from './people.ts';
import { expectNoEcho } from './refusal.ts';
import { BSN_SYSTEM, URA_SYSTEM } from './resources.ts';

const server = useTestServer();

describe('an item that is refused', () => {
  const REFUSED: readonly (readonly [what: string, change: (bsn: string) => object, verdict: string, at: string])[] = [
    [
      'of another origin',
      () => ({ extension: migrated(NOOR, {}).extension.map(asPortal) }),
      '422 origin-not-migration',
      'Consent.extension[0].value',
    ],
    ['that is withdrawn', () => ({ status: 'inactive' }), '422 status-not-active', 'Consent.status'],
    ['that waits for a parent', () => ({ status: 'proposed' }), '422 status-not-active', 'Consent.status'],
    [
      'that a parent confirmed',
      () => ({ verification: [{ verified: true }] }),
      '422 verification-not-own',
      'Consent.verification',
    ],
    ['of the future', () => ({ dateTime: '2999-01-01' }), '422 date-in-future', 'Consent.dateTime'],
    [
      'given by another',
      () => ({ performer: [{ identifier: { system: BSN_SYSTEM, value: ELS } }] }),
      '422 performer-not-self',
      'Consent.performer',
    ],
    [
      'of another recorder',
      () => ({ organization: [{ identifier: { system: URA_SYSTEM, value: PHARMACY } }] }),
      '403 organization-not-own',
      'Consent.organization[0]',
    ],
    [
      'about another holder',
      (bsn) => ({ provision: migrated(bsn, { permit: ['RPZAC001'] }, {}, HOSPITAL).provision }),
      '403 holder-not-own',
      'Consent.provision.actor[0]',
    ],
    ['about a category of holders', categorical, '403 holder-not-own', 'Consent.provision.actor[0]'],
    [
      'of another data category',
      () => ({
        category: [{ coding: [{ system: 'http://fhir.nl/otv/CodeSystem/gegevenscategorie', code: 'GGC013' }] }],
      }),
      '422 category-not-of-holder',
      'Consent.category',
    ],
    [
      'without a question',
      (bsn) => ({ provision: migrated(bsn, { permit: ['RPZAC200'] }).provision }),
      '422 cell-without-question',
      'Consent.provision.provision[0].actor[0]',
    ],
    [
      'answered twice',
      (bsn) => ({ provision: migrated(bsn, { permit: ['RPZAC005'], deny: ['RPZAC005'] }).provision }),
      '422 akk-con-16',
      'Consent.provision',
    ],
    [
      'of a BSN that is none',
      () => ({ patient: { identifier: { system: BSN_SYSTEM, value: '999910001' } } }),
      '422 akk-bsn-1',
      'Consent.patient.identifier',
    ],
    [
      'that contains somebody without a number',
      () => ({ contained: [{ resourceType: 'Patient', id: 'p' }] }),
      '422 contained-without-number',
      'Consent.contained[0].identifier',
    ],
    [
      'that contains something else',
      () => ({ contained: [{ resourceType: 'Observation', id: 'p' }] }),
      '422 contained-refused',
      'Consent.contained[0]',
    ],
    [
      'that refers to nothing contained',
      () => ({ patient: { reference: '#q' }, contained: containing(NOOR).contained }),
      '422 contained-unknown',
      'Consent.patient.reference',
    ],
    ['of another type', () => ({ resourceType: 'Patient' }), '400 resource-type', 'Consent'],
  ];

  it.each(REFUSED)('%s breaks only itself', async (_what, change, verdict, at) => {
    const [bsn, other, last] = [await patientOf(server()), await patientOf(server()), await patientOf(server())];
    const { id, headers } = namedRequest();
    const good = [other, last].map((one) => migrated(one, { permit: ['RPZAC005'] }));
    const bad = migrated(bsn, { permit: ['RPZAC005'] }, change(bsn));
    const answer = await migrate(server(), [good[0], bad, good[1]], 'gp', headers);
    expect(outcomesOf(answer)).toEqual(['201 created', verdict, '201 created']);
    expect(answer.body.entry?.[1]?.response?.outcome).toMatchObject({ issue: [{ expression: [at] }] });
    expectNoEcho({ ...answer, body: answer.body.entry?.[1] }, bsn);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
    const records = await logged(server(), id);
    expect(records.map(({ outcome, detail }) => [outcome, detail.problem ?? '']).sort()).toEqual(
      [
        ['0', ''],
        ['0', ''],
        ['0', ''],
        ['4', verdict.slice(4)],
      ].sort(),
    );
  });

  function asPortal<T extends object>(extension: T): T {
    return 'valueCode' in extension ? { ...extension, valueCode: 'portal' } : extension;
  }

  function categorical(bsn: string) {
    const { provision } = migrated(bsn, { permit: ['RPZAC005'] });
    const identifier = { system: 'https://akkoord.example/fhir/CodeSystem/holder-category', value: 'HA' };
    return {
      provision: { ...provision, actor: provision.actor.map((one) => ({ ...one, reference: { identifier } })) },
    };
  }

  it('for want of a subscription stands in the citizen’s log, and stores nothing', async () => {
    const bsn = freshBsn();
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    expect(outcomesOf(await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })], 'gp', headers))).toEqual([
      '403 not-subscribed',
    ]);
    expect(await storedRows(server())).toEqual(before);
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    const [attempt] = (await logged(server(), id)).filter((record) => record.about === about);
    expect(attempt).toMatchObject({ outcome: '4', detail: { problem: 'not-subscribed' } });
  });

  it('makes nobody known by the subscription of another holder', async () => {
    const bsn = await patientOf(server(), PHARMACY);
    const answer = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    expect(outcomesOf(answer)).toEqual(['403 not-subscribed']);
  });

  it('stands where it came, among those that are not', async () => {
    const bsns = await Promise.all(Array.from({ length: 6 }, () => patientOf(server())));
    const items = bsns.map((bsn, at) => migrated(at % 2 === 0 ? bsn : freshBsn(), { permit: ['RPZAC005'] }));
    const odd = ['201 created', '403 not-subscribed'];
    expect(outcomesOf(await migrate(server(), items))).toEqual([...odd, ...odd, ...odd]);
  });
});
