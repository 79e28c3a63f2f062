import type { OperationOutcome } from '@medplum/fhirtypes';
import { LIMIT_MS } from '../setup/test-database.ts';
import { deleteAccount, settled } from './citizens.ts';
import { ageLog } from './ledger.ts';
import { curious, freshAddress, queueIsEmpty, reachable, savePatient, speaking, useMails } from './mails.ts';

const MAILED = 'The account is deleted. A mail confirms it.';
const NOT_MAILED = 'The account is deleted. No mail is sent about it.';

/** Addresses for which the SMTP server takes no mail. */
const refused = new Set<string>();
const { server, smtp } = useMails(refused);

const query = <Row>(text: string) => server().database.database.query<Row & Record<string, unknown>>(text);

describe('the mail about a deletion', () => {
  it.each([
    ['nl', 'Uw account is verwijderd'],
    ['en', 'Your account was deleted'],
  ])(
    'goes to the address that was given for it and to no other, in the language of the citizen (%s)',
    async (language, subject) => {
      const bsn = await curious(server());
      await reachable(server(), smtp(), bsn, { more: speaking(language) });
      const given = freshAddress();
      await queueIsEmpty(server());
      const count = smtp().mails.length;
      expect((await deleteAccount(server(), bsn, given)).status).toBe(200);
      const [mail] = await smtp().mailsTo(given);
      await queueIsEmpty(server());
      expect(mail?.headers).toMatchObject({ subject, to: given, 'auto-submitted': 'auto-generated' });
      expect(mail?.raw).not.toContain(bsn);
      expect(smtp().mails).toHaveLength(count + 1);
    },
    LIMIT_MS,
  );

  it('holds the address, sealed, and nothing that leads to the citizen, until it is sent', async () => {
    const bsn = await curious(server());
    await savePatient(server(), bsn, {});
    const given = freshAddress();
    refused.add(given);
    expect((await deleteAccount(server(), bsn, given)).status).toBe(200);
    const { rows } = await query<{ row: object }>('select to_jsonb(m) as row from mail as m');
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).toMatchObject({ kind: 'account-deleted', patient_key: null, code: null });
    expect(JSON.stringify(rows)).not.toContain(given);
    refused.delete(given);
    await query('update mail set next_at = clock_timestamp()');
    expect(await smtp().mailsTo(given)).toHaveLength(1);
    await queueIsEmpty(server());
  });

  it(
    'is sent three times a day; the account is deleted all the same, and the answer says that there is no mail',
    async () => {
      const bsn = await curious(server());
      const given = freshAddress();
      const told: string[] = [];
      const begunAndDeleted = async () => {
        await settled(server(), bsn, { locked: true });
        const { status, body } = await deleteAccount(server(), bsn, given);
        expect([status, await settled(server(), bsn)]).toEqual([200, expect.objectContaining({ locked: false })]);
        told.push((body as OperationOutcome).issue[0]?.details?.text ?? '');
      };
      for (let turn = 0; turn < 5; turn += 1) await begunAndDeleted();
      expect(told).toEqual([...Array<string>(3).fill(MAILED), ...Array<string>(2).fill(NOT_MAILED)]);
      await queueIsEmpty(server());
      expect(await smtp().mailsTo(given)).toHaveLength(3);
      await ageLog(server(), bsn, '23 hours');
      await begunAndDeleted();
      await ageLog(server(), bsn, '1 hour');
      await begunAndDeleted();
      expect(told.slice(5)).toEqual([NOT_MAILED, MAILED]);
      expect(await smtp().mailsTo(given, 4)).toHaveLength(4);
    },
    LIMIT_MS,
  );

  it('is announced in the answer exactly when it is sent', async () => {
    const bsn = await curious(server());
    const textOf = async (email?: string) => {
      const { body } = await deleteAccount(server(), bsn, email);
      return (body as OperationOutcome).issue[0]?.details?.text;
    };
    expect(await textOf(freshAddress())).toBe(MAILED);
    const nobody = freshAddress();
    expect(await textOf(nobody)).toBe(NOT_MAILED);
    await settled(server(), bsn, { locked: true });
    expect(await textOf()).toBe('The account is deleted.');
    await queueIsEmpty(server());
    expect(smtp().mails.filter(({ to }) => to.includes(nobody))).toEqual([]);
  });

  it('is not sent without an address', async () => {
    const bsn = await curious(server());
    await savePatient(server(), bsn, {});
    const count = smtp().mails.length;
    expect((await deleteAccount(server(), bsn)).status).toBe(200);
    await queueIsEmpty(server());
    expect(smtp().mails).toHaveLength(count);
  });
});
