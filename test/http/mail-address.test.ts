import { codesOf, elementsOf, verdict } from './answers.ts';
import { deleteAccount, toldBy, wholeLog } from './citizens.ts';
import * as family from './family.ts';
import { ageLog } from './ledger.ts';
import {
  change,
  confirmationIn,
  contact,
  curious,
  freshAddress,
  queueIsEmpty,
  reachable,
  savePatient,
  sendCode,
  useMails,
} from './mails.ts';

const { server, smtp } = useMails();

async function codeAt(address: string, count = 1): Promise<string> {
  return confirmationIn((await smtp().mailsTo(address, count)).at(-1)).code;
}

/** How many mails the address has, once all are sent. */
async function mailsAt(address: string): Promise<number> {
  await queueIsEmpty(server());
  return smtp().mails.filter(({ to }) => to.includes(address)).length;
}

function inDatabase(statement: string, bsn: string) {
  const { database, vault } = server().server.register;
  return database.query<{ row: string }>(statement, [vault.keyOf(bsn)]);
}

async function expectRefused(code: string): Promise<void> {
  expect((await sendCode(server(), code)).status).toBe(422);
}

describe('an e-mail address in the Patient', () => {
  it('gets nothing but a mail that asks to confirm it, until it is confirmed', async () => {
    const bsn = await curious(server());
    const address = freshAddress();
    expect((await savePatient(server(), bsn, contact(address))).status).toBe(201);
    await change(server(), bsn);
    expect(await mailsAt(address)).toBe(1);
    const [mail] = await smtp().mailsTo(address);
    const { link, code } = confirmationIn(mail);
    expect(code).toMatch(/^[a-z2-7]{26}$/);
    expect(link).toBe(`${server().baseUrl}/email/confirm#${code}`);
    expect(mail?.headers).toMatchObject({ subject: 'Bevestig uw e-mailadres', 'auto-submitted': 'auto-generated' });

    const confirmed = await sendCode(server(), code);
    expect([confirmed.status, await confirmed.text()]).toEqual([200, expect.stringContaining('is bevestigd')]);
    await change(server(), bsn);
    expect(await mailsAt(address)).toBe(2);
    expect((await wholeLog(server(), bsn)).map(toldBy)).toContain('update 0');
  });

  it('is asked about in English who reads English', async () => {
    const address = freshAddress();
    await savePatient(server(), await curious(server()), contact(address, 'en-GB', 'nl'));
    const [mail] = await smtp().mailsTo(address);
    expect(mail?.headers['subject']).toBe('Confirm your e-mail address');
    expect(confirmationIn(mail).code).toHaveLength(26);
  });

  it('is asked about once, whatever else the Patient says', async () => {
    const bsn = await curious(server());
    const address = freshAddress();
    await savePatient(server(), bsn, contact(address));
    expect((await savePatient(server(), bsn, { ...contact(address), gender: 'female' })).status).toBe(200);
    const code = await codeAt(address);
    await sendCode(server(), code);
    expect((await savePatient(server(), bsn, { ...contact(address), gender: 'other' })).status).toBe(200);
    expect(await mailsAt(address)).toBe(1);
    await change(server(), bsn);
    expect(await mailsAt(address)).toBe(2);
  });

  it('can be patched in, too', async () => {
    const bsn = await curious(server());
    const path = `/Patient/${(await savePatient(server(), bsn, {})).body.id ?? ''}`;
    const address = freshAddress();
    const headers = { 'Content-Type': 'application/json-patch+json' };
    const body = JSON.stringify([{ op: 'add', path: '/telecom', value: [{ system: 'email', value: address }] }]);
    expect((await server().fhir(path, { as: `citizen:${bsn}`, method: 'PATCH', headers, body })).status).toBe(200);
    expect(await codeAt(address)).toHaveLength(26);
  });

  it('stays the earlier one until the new one is confirmed', async () => {
    const bsn = await curious(server());
    const first = await reachable(server(), smtp(), bsn);
    const second = freshAddress();
    await savePatient(server(), bsn, contact(second));
    await change(server(), bsn);
    expect([await mailsAt(first), await mailsAt(second)]).toEqual([2, 1]);
    await sendCode(server(), await codeAt(second));
    await change(server(), bsn);
    expect([await mailsAt(first), await mailsAt(second)]).toEqual([2, 2]);
  });

  it('goes back to the confirmed one without a mail, and the code of the other counts no more', async () => {
    const bsn = await curious(server());
    const first = await reachable(server(), smtp(), bsn);
    const second = freshAddress();
    await savePatient(server(), bsn, contact(second));
    const code = await codeAt(second);
    await savePatient(server(), bsn, contact(first));
    await expectRefused(code);
    await change(server(), bsn);
    expect([await mailsAt(first), await mailsAt(second)]).toEqual([2, 1]);
  });

  it.each([
    ['taken out of it', (bsn: string) => savePatient(server(), bsn, {})],
    [
      'deleted with it',
      async (bsn: string) => {
        const path = `/${await family.patientOf(server(), bsn)}`;
        return server().fhir(path, { as: `citizen:${bsn}`, method: 'DELETE' });
      },
    ],
    ['deleted with the account', (bsn: string) => deleteAccount(server(), bsn)],
  ] as const)('%s gets nothing any more, and is kept nowhere', async (_how, remove) => {
    const bsn = await curious(server());
    const address = await reachable(server(), smtp(), bsn);
    const next = freshAddress();
    await savePatient(server(), bsn, contact(next));
    const code = await codeAt(next);
    expect((await remove(bsn)).status).toBeLessThan(300);
    await expectRefused(code);
    await change(server(), bsn);
    expect([await mailsAt(address), await mailsAt(next)]).toEqual([1, 1]);
    const { rows } = await inDatabase('select from mail_address where patient_key = $1', bsn);
    expect(rows).toEqual([]);
  });

  it('is not readable in the database where mails are', async () => {
    const bsn = await curious(server());
    const address = await reachable(server(), smtp(), bsn);
    await savePatient(server(), bsn, contact(freshAddress()));
    const { rows } = await inDatabase(
      `select row_to_json(a)::text || coalesce((select string_agg(row_to_json(m)::text, '') from mail m), '') as row
      from mail_address as a where patient_key = $1`,
      bsn,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.row).toContain('confirmed');
    expect(rows[0]?.row).not.toMatch(/example\.org/);
    expect(address).toMatch(/example\.org/);
  });

  it.each([
    ['a word', 'no address'],
    ['without a user', '@example.org'],
    ['without a host', 'citizen@'],
    ['of a host without a domain', 'citizen@localhost'],
    ['two of them', 'one@example.org, two@example.org'],
    ['with a header after it', 'one@example.org\r\nBcc: two@example.org'],
    ['with a header on the next line', 'one@example.org\nBcc: two@example.org'],
    ['with a name', 'Citizen <one@example.org>'],
    ['with a quoted user', '"one two"@example.org'],
    ['with a comment', 'one(two)@example.org'],
    ['with a bracket', 'one@example.org>'],
    ['with a user that is too long', `${'a'.repeat(65)}@example.org`],
    ['that is too long', `one@${'a.'.repeat(130)}org`],
  ])('is refused when nothing can be sent there as it is: %s', async (_what, address) => {
    const bsn = await curious(server());
    const refused = await savePatient(server(), bsn, contact(address));
    expect([verdict(refused), elementsOf(refused)]).toEqual(['422 email-invalid', ['Patient.telecom[1].value']]);
  });

  it('does not follow from a name that would be headers', async () => {
    const bsn = await curious(server());
    const name = [{ text: 'Anna\r\nBcc: two@example.org', family: 'Visser\r\nSubject: x' }];
    const address = await reachable(server(), smtp(), bsn, { more: { name } });
    await change(server(), bsn);
    const mails = await smtp().mailsTo(address, 2);
    expect(mails.flatMap(({ to }) => to)).toEqual([address, address]);
    expect(mails.map(({ raw }) => raw).join('')).not.toMatch(/bcc|visser|Subject: x/i);
  });

  it('is not one after another: the eleventh in a day is refused, and the citizen can go on otherwise', async () => {
    const bsn = await curious(server());
    const answers = [];
    for (let turn = 0; turn < 11; turn += 1) answers.push(await savePatient(server(), bsn, contact(freshAddress())));
    expect(answers.map(({ status }) => status)).toEqual([201, ...Array<number>(9).fill(200), 429]);
    expect(codesOf(answers[10] ?? ({} as never))).toEqual(['too-many-addresses']);
    expect((await savePatient(server(), bsn, {})).status).toBe(200);
    expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(429);
    await ageLog(server(), bsn, '23 hours');
    expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(429);
    await ageLog(server(), bsn, '1 hour');
    expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(200);
  });

  it('is not one after another for who deletes the account in between either', async () => {
    const bsn = await curious(server());
    for (let turn = 0; turn < 10; turn += 1) {
      expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(201);
      expect((await deleteAccount(server(), bsn)).status).toBe(200);
    }
    const refused = freshAddress();
    expect(verdict(await savePatient(server(), bsn, contact(refused)))).toBe('429 too-many-addresses');
    expect((await savePatient(server(), bsn, {})).status).toBe(201);
    expect(await mailsAt(refused)).toBe(0);
  });

  it('does not count when it brings no mail', async () => {
    const bsn = await curious(server());
    const [first, second] = [await reachable(server(), smtp(), bsn), freshAddress()];
    for (let turn = 0; turn < 4; turn += 1) {
      expect((await savePatient(server(), bsn, contact(second))).status).toBe(200);
      expect((await savePatient(server(), bsn, { ...contact(second), gender: 'other' })).status).toBe(200);
      expect((await savePatient(server(), bsn, contact(first))).status).toBe(200);
    }
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(200);
    }
    expect((await savePatient(server(), bsn, contact(freshAddress()))).status).toBe(429);
  });
});

it('no address stands in the log of the server', () => {
  expect(server().logged.length).toBeGreaterThan(100);
  expect(server().logged.join('\n')).not.toMatch(/example\.org|@/);
});
