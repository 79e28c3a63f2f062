import { createHash, randomUUID } from 'node:crypto';
import type { Sql } from '../../src/storage/database.ts';
import { type ConsentRow, insertConsent } from '../../src/storage/consent.ts';
import { type OrganizationRow, insertOrganization } from '../../src/storage/organization.ts';
import { type PatientRow, insertPatient } from '../../src/storage/patient.ts';

/** A key of 32 bytes; equal names give equal keys. */
export function keyOf(name: string): Buffer {
  return createHash('sha256').update(name).digest();
}

/** An instant on 1 March 2026, `seconds` after 10:00 UTC. */
export function instant(seconds: number): number {
  return Date.UTC(2026, 2, 1, 10, 0, seconds);
}

export function givePatient(sql: Sql, change: Partial<Parameters<typeof insertPatient>[1]> = {}): Promise<PatientRow> {
  const id = randomUUID();
  const bsnCipher = Buffer.from('cipher');
  const patient = { id, recordedAt: instant(0), content: { resourceType: 'Patient' }, search: {}, bsnCipher };
  return insertPatient(sql, { ...patient, patientKey: keyOf(id), ...change });
}

export function giveConsent(sql: Sql, change: Partial<Parameters<typeof insertConsent>[1]> = {}): Promise<ConsentRow> {
  const consent = { id: randomUUID(), recordedAt: instant(0), content: { resourceType: 'Consent' }, search: {} };
  return insertConsent(sql, { ...consent, patientKey: keyOf('someone'), status: 'active', rule: { v: 1 }, ...change });
}

export function giveOrganization(
  sql: Sql,
  change: Partial<Parameters<typeof insertOrganization>[1]> = {},
): Promise<OrganizationRow> {
  const organization = {
    id: randomUUID(),
    recordedAt: instant(0),
    content: { resourceType: 'Organization' },
    search: {},
  };
  return insertOrganization(sql, { ...organization, ura: '00000659', types: ['Z3'], ...change });
}
