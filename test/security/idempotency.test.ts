import { randomUUID } from 'node:crypto';
import type { Bundle } from '@medplum/fhirtypes';
import { createRoutes } from '../../src/http/routes.ts';
import { deleteExpiredAnswers } from '../../src/storage/kept-answer.ts';
import { verdict } from '../http/answers.ts';
import { deleteAccount } from '../http/citizens.ts';
import { findEverywhere } from '../http/every-column.ts';
import { codeOf, parent } from '../http/family.ts';
import { logged, namedRequest, storedRows } from '../http/ledger.ts';
import { freshBsn, freshUra, PHARMACY } from '../http/people.ts';
import { choice, parameters, question } from '../http/questions.ts';
import { changeClient } from '../http/registered-client.ts';
import { organization, patient } from '../http/resources.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { freshKey, keyed, keptRows, register, rest } from './keyed.ts';
import { confirmBody, NO_RECORDINGS, proposing, RECORDINGS, together } from './recordings.ts';

const server = useTestServer();

describe('a request with an Idempotency-Key', () => {
  it.each(Object.keys(RECORDINGS))(
    'is done once, and answered the same again: POST %s',
    async (path) => {
      const { as, body } = (await RECORDINGS[path]?.(server())) ?? { as: '', body: {} };
      const key = freshKey();
      const first = await server().fhir(path, { as, body, headers: keyed(key) });
      expect(first.status).toBeLessThan(300);
      const before = await storedRows(server());
      const { id, headers } = namedRequest();
      const again = await server().fhir(path, { as, body, headers: keyed(key, headers) });
      expect(rest(again)).toEqual(rest(first));
      expect(await storedRows(server())).toEqual(before);
      const records = await logged(server(), id);
      expect(records.length).toBeGreaterThan(0);
      for (const { outcome, detail } of records) expect([outcome, detail.replayed]).toEqual(['0', true]);
    },
    LIMIT_MS,
  );

  it('would have another effect, or fail, without it', async () => {
    const bsn = freshBsn();
    const send = () => server().fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn) });
    expect([(await send()).status, (await send()).status]).toEqual([201, 409]);
  });

  it('is one wherever a POST records something, and nowhere else', () => {
    const routes = createRoutes(server().server.register, `${server().baseUrl}/fhir`);
    const posts = routes.flatMap((route) => (route.method === 'POST' && route.target !== 'public' ? [route] : []));
    const recording = posts.filter(({ records }) => records === true).map(({ path }) => path);
    const others = posts.filter(({ records }) => records !== true).map(({ path }) => path);
    expect(recording.sort()).toEqual(Object.keys(RECORDINGS).sort());
    expect(others.filter((path) => !path.endsWith('/_search')).sort()).toEqual([...NO_RECORDINGS].sort());
  });

  it('is the same for each way to write the key and the body, whatever is preferred', async () => {
    const [ura, key] = [freshUra(), randomUUID()];
    const first = await register(server(), ura, key);
    const body = JSON.stringify(organization(ura, { name: 'Praktijk' }), undefined, 4);
    const headers = keyed(`"${key}"`, { Prefer: 'return=minimal' });
    const again = await server().fhir('/Organization', { as: 'admin', body, headers });
    expect([first.status, again.status, again.body]).toEqual([201, 201, undefined]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
  });

  it('is about the citizens of the first one in the log too, each time it is answered', async () => {
    const { as, body, bsn } = await together(server());
    const key = freshKey();
    const { id, headers } = namedRequest();
    await server().fhir('/Consent/$choose', { as, body, headers: keyed(key) });
    await server().fhir('/Consent/$choose', { as, body, headers: keyed(key, headers) });
    const about = server().server.register.vault.keyOf(bsn).toString('hex');
    const records = await logged(server(), id);
    expect(records.map((one) => [one.interaction, one.about, one.detail.replayed])).toEqual([
      ['Consent.choose', about, true],
    ]);
    expect(records[0]?.detail.entities?.length).toBeGreaterThan(0);
    const event = await server().fhir(`/AuditEvent/${records[0]?.id ?? ''}`, { as: 'auditor' });
    expect(JSON.stringify(event.body)).toContain('"replayed"');
  });
});

describe('the same key', () => {
  const reused = '422 idempotency-key-reused';

  it('with another body is refused, and changes nothing', async () => {
    const [ura, key] = [freshUra(), freshKey()];
    await register(server(), ura, key);
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const body = organization(freshUra(), { name: 'Praktijk' });
    const other = await server().fhir('/Organization', { as: 'admin', body, headers: keyed(key, headers) });
    expect(verdict(other)).toBe(reused);
    expect(await storedRows(server())).toEqual(before);
    expect((await logged(server(), id)).map(({ outcome }) => outcome)).toEqual(['4']);
    expect(verdict(await register(server(), ura, key, { name: 'Praktijk Anders' }))).toBe(reused);
    expect((await register(server(), ura, key)).status).toBe(201);
  });

  it('with another condition is refused', async () => {
    const [ura, key] = [freshUra(), freshKey()];
    const body = organization(ura);
    const send = (condition: string) =>
      server().fhir('/Organization', { as: 'admin', body, headers: keyed(key, { 'If-None-Exist': condition }) });
    expect((await send(`identifier=${ura}`)).status).toBe(201);
    expect((await send(`identifier=${ura}`)).status).toBe(201);
    expect(verdict(await send(`identifier=${ura}&active=true`))).toBe(reused);
  });

  it('of another caller, or at another address, is another', async () => {
    const key = freshKey();
    const [one, other] = [freshBsn(), freshBsn()];
    for (const bsn of [one, other]) {
      const as = `citizen:${bsn}`;
      const made = await server().fhir<{ id: string }>('/Patient', { as, body: patient(bsn), headers: keyed(key) });
      expect(made.status).toBe(201);
      expect((await server().fhir(`/Patient/${made.body.id}`, { as })).status).toBe(200);
      const chosen = await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'all'), headers: keyed(key) });
      expect(chosen.status).toBe(200);
    }
    expect((await register(server(), freshUra(), key)).status).toBe(201);
  });

  it('may be tried again after a refusal, with what was wrong put right', async () => {
    const key = freshKey();
    const before = await keptRows(server());
    expect((await register(server(), '1234', key)).status).toBe(422);
    expect((await register(server(), freshUra(), key, { as: 'gp' })).status).toBe(403);
    expect(await keptRows(server())).toBe(before);
    expect((await register(server(), freshUra(), key)).status).toBe(201);
    expect(await keptRows(server())).toBe(before + 1);
  });

  it('with a pairing code that is wrong counts as a try each time', async () => {
    const [bsn, key] = [await parent(server()), freshKey()];
    const good = await codeOf(server(), await proposing(server()));
    const send = (code: string) =>
      server().fhir('/Consent/$confirm', { as: `citizen:${bsn}`, body: confirmBody(code), headers: keyed(key) });
    const wrong = `${good.slice(0, -1)}${good.endsWith('1') ? '2' : '1'}`;
    const { vault, database } = server().server.register;
    const tries = async () =>
      (
        await database.query(`select from audit_event where patient_key = $1 and detail @> '{"tried": true}'`, [
          vault.keyOf(bsn),
        ])
      ).rowCount;
    expect([(await send(wrong)).status, (await send(wrong)).status, await tries()]).toEqual([422, 422, 2]);
    expect((await send(good)).status).toBe(200);
  });

  it('is new after 24 hours, and nothing is left of the first', async () => {
    const [bsn, key] = [freshBsn(), freshKey()];
    const as = `citizen:${bsn}`;
    const send = () => server().fhir('/Patient', { as, body: patient(bsn), headers: keyed(key) });
    const { database } = server().server.register;
    const age = (by: string) => database.query('update kept_answer set kept_at = kept_at - $1::interval', [by]);
    expect((await send()).status).toBe(201);
    await age('23 hours 59 minutes');
    await deleteExpiredAnswers(database);
    expect((await send()).status).toBe(201);
    await age('1 minute');
    expect((await send()).status).toBe(409);
    await deleteExpiredAnswers(database);
    expect(await keptRows(server())).toBe(0);
  });
});

describe('a key that', () => {
  it.each([
    ['is empty', ''],
    ['is an empty string', '""'],
    ['has no end', '"abc'],
    ['holds a quote', '"a"b"'],
    ['holds a space without quotes', 'a b'],
    ['is two', '"a", "b"'],
    ['holds a letter outside ASCII', '"caf\u00e9"'],
    ['holds a tab', '"a\tb"'],
    ['is a number of 256 digits', '1'.repeat(256)],
    ['has a parameter', '"a";x=1'],
  ])('%s is malformed: nothing is recorded, except that it was tried', async (_, key) => {
    const before = await storedRows(server());
    const { id, headers } = namedRequest();
    const body = organization(freshUra());
    const answer = await server().fhir('/Organization', { as: 'admin', body, headers: keyed(key, headers) });
    expect(verdict(answer)).toBe('400 idempotency-key-malformed');
    expect(await storedRows(server())).toEqual(before);
    expect((await logged(server(), id)).map(({ detail }) => detail.problem)).toEqual(['idempotency-key-malformed']);
  });

  it.each(['"x"', 'x', '"with space, comma and \\"quotes\\""', `"${'k'.repeat(255)}"`])(
    'is well formed is taken: %s',
    async (key) => {
      const ura = freshUra();
      const headers = keyed(key, { 'X-Request-Id': randomUUID() });
      const body = organization(ura);
      const answers = [
        await server().fhir('/Organization', { as: 'admin', body, headers }),
        await server().fhir('/Organization', { as: 'admin', body, headers }),
      ];
      // Another key in two of these spellings is the same one.
      expect(answers.map(({ status }) => status)).toEqual(key === 'x' ? [422, 422] : [201, 201]);
    },
  );

  it('comes with a question is not looked at', async () => {
    const bsn = freshBsn();
    const before = await keptRows(server());
    const headers = keyed('"not well formed');
    const checked = await server().fhir('/Consent/$check', { as: 'gp', body: question(bsn), headers });
    const form = { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' };
    const found = await server().fhir('/Organization/_search', { as: 'gp', body: 'active=true', headers: form });
    const read = await server().fhir('/Organization?active=true', { as: 'gp', headers });
    expect([checked.status, found.status, read.status]).toEqual([200, 200, 200]);
    expect(await keptRows(server())).toBe(before);
  });
});

describe('what is kept', () => {
  it('can be read by nobody who has only the database', async () => {
    const { as, body, bsn } = await together(server());
    const key = randomUUID();
    expect((await server().fhir('/Consent/$choose', { as, body, headers: keyed(key) })).status).toBe(200);
    const found = await findEverywhere(server(), { bsn, key });
    expect(found).toEqual([]);
    for (const line of server().logged) expect(line).not.toContain(key);
  });

  it('goes with the account of everybody it is about, whoever asked for it; the deletion itself stays done once', async () => {
    const { as, body, bsn } = await together(server());
    const own = `citizen:${bsn}`;
    const key = freshKey();
    await server().fhir('/Consent/$choose', { as, body, headers: keyed(key) });
    await server().fhir('/Patient/$settings', { as: own, body: parameters([]), headers: keyed(key) });
    const { vault, database } = server().server.register;
    const about = `select from kept_answer where $1::bytea = any(patient_keys)`;
    const count = async () => (await database.query(about, [vault.keyOf(bsn)])).rowCount;
    expect(await count()).toBe(2);
    const deletion = { as: own, body: parameters([]), headers: keyed(key) };
    const first = await server().fhir('/Patient/$delete-account', deletion);
    expect([first.status, await count()]).toEqual([200, 0]);
    await server().fhir('/Consent/$choose', { as: own, body: choice(bsn, 'all') });
    expect(rest(await server().fhir('/Patient/$delete-account', deletion))).toEqual(rest(first));
    const consents = await server().fhir<Bundle>('/Consent?status=active', { as: own });
    expect(consents.body.entry?.length).toBeGreaterThan(0);
    expect((await deleteAccount(server(), bsn)).status).toBe(200);
    expect((await server().fhir<Bundle>('/Consent?status=active', { as: own })).body.entry ?? []).toEqual([]);
  });

  it('names nobody whose account a transaction deleted', async () => {
    const { bsn } = await together(server());
    const request = { method: 'POST', url: 'Patient/$delete-account' };
    const body = { resourceType: 'Bundle', type: 'transaction', entry: [{ request, resource: parameters([]) }] };
    const kept = await keptRows(server());
    const deleted = await server().fhir('/', { as: `citizen:${bsn}`, body, headers: keyed(freshKey()) });
    expect([deleted.status, await keptRows(server())]).toEqual([200, kept + 1]);
    const { vault, database } = server().server.register;
    const about = await database.query(`select from kept_answer where $1::bytea = any(patient_keys)`, [
      vault.keyOf(bsn),
    ]);
    expect(about.rowCount).toBe(0);
  });

  it('is shown to the client no more that was registered for another organisation', async () => {
    const { as, body } = await together(server());
    const asked = { as, body, headers: keyed(freshKey()) };
    expect((await server().fhir('/Consent/$choose', asked)).status).toBe(200);
    const restore = await changeClient(server(), as, { ura: PHARMACY });
    try {
      expect((await server().fhir('/Consent/$choose', asked)).status).toBe(403);
    } finally {
      await restore();
    }
    expect((await server().fhir('/Consent/$choose', asked)).status).toBe(200);
  });
});
