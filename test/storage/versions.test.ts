import { CONSENT, updateConsent } from '../../src/storage/consent.ts';
import { inTransaction } from '../../src/storage/database.ts';
import { countHistory, readHistory } from '../../src/storage/history.ts';
import { ORGANIZATION, findOrganizations, updateOrganization } from '../../src/storage/organization.ts';
import { PATIENT, findPatients } from '../../src/storage/patient.ts';
import { deleteResource, readResource, readResourceVersion, updateResource } from '../../src/storage/versioned.ts';
import { useTestDatabase } from '../setup/test-database.ts';
import { giveConsent, giveOrganization, givePatient, instant, keyOf } from './rows.ts';

const test = useTestDatabase();

describe('the versions of a resource', () => {
  it('are numbered and all kept, with how and when they came about', async () => {
    const sql = test().database;
    const { id } = await givePatient(sql, { content: { n: 1 } });
    await updateResource(
      sql,
      PATIENT,
      { id, recordedAt: instant(1), content: { n: 2 }, search: {}, method: 'update' },
      [],
    );
    await updateResource(
      sql,
      PATIENT,
      { id, recordedAt: instant(2), content: { n: 3 }, search: {}, method: 'patch' },
      [],
    );
    await deleteResource(sql, PATIENT, { id, recordedAt: instant(3) });
    const { versions } = await readHistory(sql, PATIENT, { id, scope: 'all', count: 10 });
    expect(versions).toEqual([
      { id, version: 4, recordedAt: instant(3), method: 'delete', content: null },
      { id, version: 3, recordedAt: instant(2), method: 'patch', content: { n: 3 } },
      { id, version: 2, recordedAt: instant(1), method: 'update', content: { n: 2 } },
      { id, version: 1, recordedAt: instant(0), method: 'create', content: { n: 1 } },
    ]);
    expect(await readResourceVersion(sql, PATIENT, id, 2)).toEqual(versions[2]);
    expect(await readResourceVersion(sql, PATIENT, id, 5)).toBeUndefined();
  });

  it('end with a deletion', async () => {
    const sql = test().database;
    const { id } = await givePatient(sql);
    const deleted = await deleteResource(sql, PATIENT, { id, recordedAt: instant(1) });
    expect(deleted).toMatchObject({ version: 2, deleted: true, content: null });
    expect(await deleteResource(sql, PATIENT, { id, recordedAt: instant(1) })).toBeUndefined();
    const change = { id, recordedAt: instant(2), content: { back: true }, search: {}, method: 'update' } as const;
    expect(await updateResource(sql, PATIENT, change, [])).toBeUndefined();
  });

  it('are never earlier than the version before them, whatever the clock says', async () => {
    const sql = test().database;
    const { id } = await givePatient(sql, { recordedAt: instant(10) });
    const change = { id, recordedAt: instant(5), content: {}, search: {}, method: 'update' } as const;
    expect(await updateResource(sql, PATIENT, change, [])).toMatchObject({ version: 2, recordedAt: instant(10) });
  });

  it('admit one of fifty changes of the same version', async () => {
    const sql = test().database;
    const { id } = await giveConsent(sql);
    const change = { id, expected: 1, recordedAt: instant(1), search: {}, status: 'inactive', rule: null } as const;
    const attempts = Array.from({ length: 50 }, (_, n) =>
      updateConsent(sql, { ...change, content: { n }, method: 'update' }),
    );
    const done = (await Promise.all(attempts)).filter((row) => row !== undefined);
    expect(done.map(({ version }) => version)).toEqual([2]);
    expect(await readResource(sql, CONSENT, id)).toEqual(done[0]);
    expect(await countHistory(sql, CONSENT, { id, scope: 'all' })).toBe(2);
  });

  it('count all of fifty changes that expect no version', async () => {
    const sql = test().database;
    const { id } = await giveConsent(sql);
    const change = { id, recordedAt: instant(1), search: {}, status: 'inactive', rule: null } as const;
    const attempts = Array.from({ length: 50 }, (_, n) =>
      updateConsent(sql, { ...change, content: { n }, method: 'patch' }),
    );
    const versions = (await Promise.all(attempts)).map((row) => row?.version ?? 0);
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n + 2));
  });

  it('change nothing for an id nobody has', async () => {
    const sql = test().database;
    const change = { id: 'nobody', recordedAt: instant(1), content: {}, search: {}, method: 'update' } as const;
    expect(await updateResource(sql, PATIENT, change, [])).toBeUndefined();
    expect(await deleteResource(sql, PATIENT, { id: 'nobody', recordedAt: instant(1) })).toBeUndefined();
    expect(await readResource(sql, PATIENT, 'nobody')).toBeUndefined();
  });

  it('disappear with the transaction that is rolled back', async () => {
    const { database } = test();
    const failed = inTransaction(database, async (sql) => {
      await givePatient(sql, { id: 'rolled-back' });
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    expect(await readResource(database, PATIENT, 'rolled-back')).toBeUndefined();
    expect(await countHistory(database, PATIENT, { id: 'rolled-back', scope: 'all' })).toBe(0);
  });
});

describe('a key', () => {
  it('belongs to one patient; after its deletion it may be used again', async () => {
    const sql = test().database;
    const patientKey = keyOf('twice');
    const { id } = await givePatient(sql, { patientKey });
    await expect(givePatient(sql, { patientKey })).rejects.toMatchObject({ kind: 'conflict' });
    await deleteResource(sql, PATIENT, { id, recordedAt: instant(1) });
    const again = await givePatient(sql, { patientKey });
    expect(await findPatients(sql, [patientKey, keyOf('unknown')])).toEqual([again]);
  });

  it('belongs to one organisation, and its types change with its versions', async () => {
    const sql = test().database;
    const { id } = await giveOrganization(sql, { ura: '00005098', types: ['V4'] });
    await expect(giveOrganization(sql, { ura: '00005098' })).rejects.toMatchObject({ kind: 'conflict' });
    const change = { id, recordedAt: instant(1), content: {}, search: {}, ura: '00005098', types: ['V4', 'V6'] };
    await updateOrganization(sql, { ...change, method: 'update', expected: 1 });
    expect(await findOrganizations(sql, ['00005098'])).toMatchObject([{ id, version: 2, types: ['V4', 'V6'] }]);
    await deleteResource(sql, ORGANIZATION, { id, recordedAt: instant(2) });
    expect(await findOrganizations(sql, ['00005098'])).toEqual([]);
  });

  it('does not appear in what is said about a conflict', async () => {
    const sql = test().database;
    await givePatient(sql, { id: 'taken' });
    const error: unknown = await givePatient(sql, { id: 'taken' }).catch((thrown: unknown) => thrown);
    const { cause, message, stack } = error as Error & { cause: Error };
    expect(`${message} ${stack ?? ''} ${cause.message} ${cause.stack ?? ''}`).not.toContain('taken');
  });
});

describe('the history of a type', () => {
  it('is read page by page, newest first, each version once', async () => {
    const sql = test().database;
    const patientKey = keyOf('history');
    const other = await giveConsent(sql, { patientKey: keyOf('not-in-history') });
    for (const n of [1, 2, 3, 4, 5]) await giveConsent(sql, { patientKey, id: `h${n}`, recordedAt: instant(n % 2) });
    const request = { scope: { patientKeys: [patientKey] }, count: 2 };
    const first = await readHistory(sql, CONSENT, request);
    const second = await readHistory(sql, CONSENT, { ...request, cursor: first.next ?? [] });
    const third = await readHistory(sql, CONSENT, { ...request, cursor: second.next ?? [] });
    const ids = [first, second, third].flatMap(({ versions }) => versions.map(({ id }) => id));
    expect(ids).toEqual(['h5', 'h3', 'h1', 'h4', 'h2']);
    expect(ids).not.toContain(other.id);
    expect(third.next).toBeUndefined();
    expect(await countHistory(sql, CONSENT, { ...request, since: instant(1) })).toBe(3);
  });

  it.each([[[]], [[1, 'a']], [['x', 'a', 1]], [[Number.MAX_VALUE, 'a', 1]], [[1, 'a', 1.5]]])(
    'refuses %j as a cursor',
    async (cursor) => {
      const reading = readHistory(test().database, CONSENT, { scope: 'all', count: 1, cursor });
      await expect(reading).rejects.toMatchObject({ kind: 'malformed' });
    },
  );
});
