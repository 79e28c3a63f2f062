import { deleteCitizen } from '../../src/storage/delete-citizen.ts';
import { findParents, saveFamily } from '../../src/storage/family.ts';
import { countPairingTry, findPairingCode, savePairingCode } from '../../src/storage/pairing-code.ts';
import { useTestDatabase } from '../setup/test-database.ts';

const database = useTestDatabase();
const sql = () => database().database;

let last = 0;
const bytes = () => Buffer.alloc(32, (last += 1));
const NOW = Date.parse('2026-03-01T10:00:00.000Z');
const code = (patientKey: Buffer, selector: Buffer, expiresAt = NOW + 900_000) => ({
  patientKey,
  selector,
  verifier: bytes(),
  proposals: bytes(),
  expiresAt,
});

describe('a pairing code', () => {
  it('is found by its selector as it was written, without tries', async () => {
    const written = code(bytes(), bytes());
    expect(await savePairingCode(sql(), written, NOW)).toBe(true);
    expect(await findPairingCode(sql(), written.selector)).toEqual({ ...written, tries: 0 });
  });

  it('takes the place of the earlier one of the same child, its tries too', async () => {
    const child = bytes();
    const [first, second] = [code(child, bytes()), code(child, bytes())];
    await savePairingCode(sql(), first, NOW);
    await countPairingTry(sql(), child);
    await savePairingCode(sql(), second, NOW);
    expect(await findPairingCode(sql(), first.selector)).toBeUndefined();
    expect(await findPairingCode(sql(), second.selector)).toEqual({ ...second, tries: 0 });
  });

  it('does not take the selector of a living one, and does take that of one that expired', async () => {
    const selector = bytes();
    const living = code(bytes(), selector);
    await savePairingCode(sql(), living, NOW);
    const next = code(bytes(), selector, NOW + 1_800_000);
    expect(await savePairingCode(sql(), next, living.expiresAt - 1)).toBe(false);
    expect(await findPairingCode(sql(), selector)).toMatchObject({ patientKey: living.patientKey });
    expect(await savePairingCode(sql(), next, living.expiresAt)).toBe(true);
    expect(await findPairingCode(sql(), selector)).toMatchObject({ patientKey: next.patientKey });
  });
});

describe('an account that is deleted', () => {
  it('leaves no code and no family behind; what is of others stays', async () => {
    const [one, other, third] = [bytes(), bytes(), bytes()];
    const [own, others] = [code(one, bytes()), code(other, bytes())];
    for (const written of [own, others]) await savePairingCode(sql(), written, NOW);
    await saveFamily(sql(), { childKey: one, parentKey: other });
    await saveFamily(sql(), { childKey: other, parentKey: one });
    await saveFamily(sql(), { childKey: other, parentKey: third });
    await deleteCitizen(sql(), one);
    expect(await findPairingCode(sql(), own.selector)).toBeUndefined();
    expect(await findPairingCode(sql(), others.selector)).toBeDefined();
    expect(await findParents(sql(), [one, other])).toEqual([{ childKey: other, parentKey: third }]);
  });
});
