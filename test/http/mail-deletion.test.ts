import { LIMIT_MS } from '../setup/test-database.ts';
import { deleteAccount } from './citizens.ts';
import { curious, freshAddress, queueIsEmpty, reachable, savePatient, speaking, useMails } from './mails.ts';

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

  it('is not sent without an address', async () => {
    const bsn = await curious(server());
    await savePatient(server(), bsn, {});
    const count = smtp().mails.length;
    expect((await deleteAccount(server(), bsn)).status).toBe(200);
    await queueIsEmpty(server());
    expect(smtp().mails).toHaveLength(count);
  });
});
