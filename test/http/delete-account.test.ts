import type { Bundle, Consent, Parameters, Patient } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, idsOf, partsOf, resultsOf, verdict } from './answers.ts';
import { deleteAccount, settled, toldBy, wholeLog } from './citizens.ts';
import { decided, granted } from './emergency.ts';
import * as family from './family.ts';
import { openQuestion } from './locating.ts';
import { freshBsn, freshUra, GP, HOSPITAL } from './people.ts';
import { batchOf, choice, parameters, question, questionOf } from './questions.ts';
import { BSN_SYSTEM, patient } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

/** https://hl7.org/fhir/R4/valueset-object-role.html */
const PATIENT_ROLE = '1';
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

async function chooseAll(bsn: string): Promise<Consent[]> {
  const answer = await server().fhir('/Consent/$choose', { as: `citizen:${bsn}`, body: choice(bsn, 'all') });
  expect(answer.status).toBe(200);
  return entriesOf<Consent>(answer);
}

async function deleted(bsn: string): Promise<void> {
  expect((await deleteAccount(server(), bsn)).status).toBe(200);
}

/** Every cell of the catalogue, asked about organisations of the right types. */
async function cellsOf(bsn: string): Promise<string[]> {
  const { questions, organisationTypes } = server().server.register.catalogue;
  const types = [...organisationTypes.values()];
  const [holder, requester] = [freshUra(), freshUra()];
  const cells = questions.flatMap(({ holderCategory, requesterCategories }) =>
    requesterCategories.map((category) => ({
      holder,
      holderType: types.find((type) => type.holderCategory === holderCategory)?.code ?? '',
      requester,
      requesterType: types.find((type) => type.requesterCategory === category)?.code ?? '',
    })),
  );
  const body = batchOf(cells.map((cell) => questionOf(bsn, cell)));
  const results = resultsOf(await server().fhir('/Consent/$check', { as: 'exchange', body }));
  return results.map(({ decision, reason }) => `${decision?.valueCode ?? ''} ${reason?.valueCoding?.code ?? ''}`);
}

const searched = async (bsn: string, type: string, name: string) =>
  idsOf(
    await server().fhir(`/${type}/_search`, {
      as: `citizen:${bsn}`,
      method: 'POST',
      headers: FORM,
      body: new URLSearchParams({ [name]: `${BSN_SYSTEM}|${bsn}` }).toString(),
    }),
  );

describe('a deleted account (scenario 23)', () => {
  it('lets nobody share any more, in no cell, also not by a grant', async () => {
    const bsn = freshBsn();
    await chooseAll(bsn);
    await granted(server(), bsn);
    expect(await cellsOf(bsn)).toEqual(Array<string>(42).fill('permit consent-given'));
    expect(await decided(server(), bsn)).toBe('permit emergency-grant');
    await deleted(bsn);
    expect(await cellsOf(bsn)).toEqual(Array<string>(42).fill('deny no-consent'));
    expect(await decided(server(), bsn)).toBe('deny no-consent');
  });

  it('is not remembered by what the register knew then either', async () => {
    const bsn = freshBsn();
    await chooseAll(bsn);
    const asked = partsOf(await server().fhir('/Consent/$check', { as: 'auditor', body: question(bsn) }));
    const then = asked['evaluatedAt']?.valueInstant ?? '';
    const ask = async () => {
      const answer = await server().fhir('/Consent/$check', {
        as: 'auditor',
        body: question(bsn, { at: then, knownAt: then }),
      });
      return partsOf(answer)['reason']?.valueCoding?.code;
    };
    expect(await ask()).toBe('consent-given');
    await deleted(bsn);
    expect(await ask()).toBe('no-consent');
  });

  it('cannot be read any more, by nobody, in no version', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    for (const holder of [GP, HOSPITAL]) await subscribe(server(), bsn, holder);
    const mine = await server().fhir<Patient>('/Patient', { as, body: patient(bsn, { birthDate: undefined }) });
    const [id] = mine.status === 201 ? [mine.body.id] : await searched(bsn, 'Patient', 'identifier');
    const [chosen] = await chooseAll(bsn);
    const paths = [`/Patient/${id ?? ''}`, `/Consent/${chosen?.id ?? ''}`].flatMap((path) => [
      path,
      `${path}/_history/1`,
      `${path}/_history`,
    ]);
    for (const path of paths) expect((await server().fhir(path, { as })).status).toBe(200);
    expect(await searched(bsn, 'Provenance', 'patient.identifier')).not.toEqual([]);
    await deleted(bsn);
    for (const path of paths) {
      const absent = path.replace(/\/[^/]{36}/, '/absent');
      for (const who of [as, 'gp', 'hospital']) {
        const [theirs, nobodys] = [await server().fhir(path, { as: who }), await server().fhir(absent, { as: who })];
        expect(theirs.status).toBe(who !== as && path.startsWith('/Patient') ? 403 : 404);
        expect([theirs.status, theirs.body]).toEqual([nobodys.status, nobodys.body]);
      }
    }
    for (const [type, name] of [
      ['Patient', 'identifier'],
      ['Consent', 'patient.identifier'],
      ['Provenance', 'patient.identifier'],
    ] as const) {
      expect([type, await searched(bsn, type, name)]).toEqual([type, []]);
    }
    const self = { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } };
    const profile = await server().fhir<Parameters>('/Consent/$profile', { as, body: parameters([self]) });
    expect([profile.status, profile.body.parameter ?? []]).toEqual([200, []]);
    const located = await server().fhir<Parameters>('/Consent/$locate', { as: 'exchange', body: openQuestion(bsn) });
    expect([located.status, located.body.parameter ?? []]).toEqual([200, []]);
  });

  it('leaves the log, where its end stands too', async () => {
    const bsn = freshBsn();
    await chooseAll(bsn);
    await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn) });
    const before = await wholeLog(server(), bsn);
    await deleted(bsn);
    const after = await wholeLog(server(), bsn);
    expect(after.map(toldBy)).toEqual(['delete-account 0', 'access-log 0', 'decision 0 consent-given', 'choose 0']);
    expect(after.slice(-2).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
    const roles = after.flatMap(({ entity = [] }) => entity.map(({ role }) => role?.code));
    expect(roles).not.toContain(PATIENT_ROLE);
  });

  it('is told to every subscribed holder, whose subscription stays', async () => {
    const bsn = freshBsn();
    const id = await subscribe(server(), bsn, GP);
    await chooseAll(bsn);
    const counted = async () => {
      const answer = await server().fhir<Bundle>(`/Subscription/${id}/$status`, { as: 'gp' });
      const { parameter = [] } = answer.body.entry?.[0]?.resource as Parameters;
      return parameter.find(({ name }) => name === 'eventsSinceSubscriptionStart')?.valueString;
    };
    const before = Number(await counted());
    await deleted(bsn);
    expect(Number(await counted())).toBe(before + 1);
    expect((await server().fhir(`/Subscription/${id}`, { as: 'gp' })).status).toBe(200);
    await deleted(bsn);
    expect(Number(await counted())).toBe(before + 1);
  });
});

describe('after the deletion', () => {
  it('a new choice begins anew', async () => {
    const bsn = freshBsn();
    await settled(server(), bsn, { locked: true, emailOn: ['emergency'], ageGroup: '18-or-older' });
    const before = await chooseAll(bsn);
    const [patientBefore] = await searched(bsn, 'Patient', 'identifier');
    await deleted(bsn);
    expect(await settled(server(), bsn)).toEqual({ locked: false, emailOn: [], ageGroup: undefined, fixed: false });
    const after = await chooseAll(bsn);
    expect(after.map(({ meta }) => meta?.versionId)).toEqual(after.map(() => '1'));
    expect(after.filter(({ id }) => before.some((one) => one.id === id))).toEqual([]);
    const [patientAfter] = await searched(bsn, 'Patient', 'identifier');
    expect(patientAfter).not.toBe(patientBefore);
    expect(await cellsOf(bsn)).toEqual(Array<string>(42).fill('permit consent-given'));
  });

  it('a child is still the child that a provider said it is', async () => {
    const bsn = freshBsn();
    await subscribe(server(), bsn, GP, { birthDate: family.bornYearsAgo(14) });
    await chooseAll(bsn);
    await deleted(bsn);
    expect(await settled(server(), bsn)).toMatchObject({ ageGroup: '12-15', fixed: true });
    await chooseAll(bsn);
    expect(await family.decided(server(), bsn)).toBe('deny minor-unconfirmed');
    await deleted(bsn);
    const older = patient(bsn, { birthDate: '1980-02-29' });
    expect(verdict(await server().fhir('/Patient', { as: `citizen:${bsn}`, body: older }))).toBe(
      '422 birth-date-fixed',
    );
    const made = await server().fhir('/Patient', {
      as: `citizen:${bsn}`,
      body: patient(bsn, { birthDate: undefined }),
    });
    expect(made.status).toBe(201);
    await chooseAll(bsn);
    expect(await family.decided(server(), bsn)).toBe('deny minor-unconfirmed');
  });

  it('of a parent, the child keeps a reference that leads to nobody; the log still says whose it was', async () => {
    const [young, by] = [await family.child(server()), await family.parent(server())];
    const gone = await family.patientOf(server(), by);
    await family.choose(server(), young, family.said('permit'));
    await family.settle(server(), young, by);
    await deleted(by);
    const [consent] = await family.consentsOf(server(), young);
    expect(consent?.verification?.[0]?.verifiedWith?.reference).toBe(gone);
    const body = patient(by, { birthDate: family.bornYearsAgo(41) });
    expect((await server().fhir('/Patient', { as: `citizen:${by}`, body })).status).toBe(201);
    for (const bsn of [young, by]) {
      expect((await server().fhir(`/${gone}`, { as: `citizen:${bsn}` })).status).toBe(404);
    }
    expect(await family.patientOf(server(), by)).not.toBe(gone);
    const log = await wholeLog(server(), by);
    const named = JSON.stringify(log);
    expect(named).toContain(`"${gone}/_history/1"`);
    expect(named).toContain(`"Consent/${consent?.id ?? ''}/_history/`);
  });

  it('of a parent, what the child was allowed stays', async () => {
    const [young, by] = [await family.child(server()), await family.parent(server())];
    await family.choose(server(), young, family.said('permit'));
    await family.settle(server(), young, by);
    await deleted(by);
    expect(await family.decided(server(), young)).toBe('permit consent-given');
  });

  it('nothing of another citizen has changed', async () => {
    const [bsn, other] = [freshBsn(), freshBsn()];
    for (const one of [bsn, other]) {
      await settled(server(), one, { locked: true });
      await chooseAll(one);
    }
    const consents = await searched(other, 'Consent', 'patient.identifier');
    await deleted(bsn);
    expect(await searched(other, 'Consent', 'patient.identifier')).toEqual(consents);
    expect(await settled(server(), other)).toMatchObject({ locked: true });
    expect(await cellsOf(other)).toEqual(Array<string>(42).fill('permit consent-given'));
  });
});
