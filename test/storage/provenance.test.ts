import { randomUUID } from 'node:crypto';
import { insertProvenance, type ProvenanceRow, searchProvenance } from '../../src/storage/provenance.ts';
import { useTestDatabase } from '../setup/test-database.ts';
import { instant, keyOf } from './rows.ts';

const test = useTestDatabase();

function row(change: Partial<ProvenanceRow> = {}): ProvenanceRow {
  return {
    id: randomUUID(),
    patientKey: keyOf('someone'),
    recordedAt: instant(0),
    way: 'portal',
    catalogueVersion: '3960100',
    targets: ['Consent/a/_history/1'],
    ...change,
  };
}

describe('rows of provenance', () => {
  it('are written many at once, each with its own targets, and read as they were', async () => {
    const rows = Array.from({ length: 500 }, (_, at) =>
      row({
        patientKey: keyOf('many'),
        recordedAt: instant(at),
        targets: Array.from({ length: 1 + (at % 7) }, (_none, one) => `Consent/${at}-${one}/_history/1`),
        ...(at % 2 === 0 ? { recorderKey: keyOf('many') } : { clientId: 'gp', ura: '00000659', reason: 'So' }),
      }),
    );
    await insertProvenance(test().database, rows);
    const selection = { patientKeys: [keyOf('many')], count: 1000, ascending: true };
    expect((await searchProvenance(test().database, selection)).rows).toEqual(rows);
  });

  it('without a target are refused', async () => {
    await expect(insertProvenance(test().database, [row({ targets: [] })])).rejects.toThrow();
  });

  it.each([
    'set reason = null',
    `set way = 'button'`,
    `set targets = '{Consent/b/_history/1}'`,
    `set recorded_at = now()`,
    'set recorder_key = patient_key',
    `set recorder_key = null, way = 'button'`,
  ])('are not changed: %s', async (change) => {
    const kept = row({ recorderKey: keyOf('a parent'), reason: 'So' });
    await insertProvenance(test().database, [kept]);
    await expect(test().database.query(`update provenance ${change} where id = $1`, [kept.id])).rejects.toThrow();
    expect((await searchProvenance(test().database, { ids: [kept.id], count: 1 })).rows).toEqual([kept]);
  });

  it('lose who recorded, and are deleted, with an account', async () => {
    const { recorderKey, ...kept } = row({ recorderKey: keyOf('a parent') });
    await insertProvenance(test().database, [{ ...kept, ...(recorderKey && { recorderKey }) }]);
    await test().database.query('update provenance set recorder_key = null where id = $1', [kept.id]);
    expect((await searchProvenance(test().database, { ids: [kept.id], count: 1 })).rows).toEqual([kept]);
    await test().database.query('delete from provenance where id = $1', [kept.id]);
    expect((await searchProvenance(test().database, { ids: [kept.id], count: 1 })).rows).toEqual([]);
  });

  it('are not found by what cannot be an id', async () => {
    expect((await searchProvenance(test().database, { ids: ['none', ''], count: 1 })).rows).toEqual([]);
  });
});
