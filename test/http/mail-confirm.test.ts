import { change, confirmationIn, contact, curious, freshAddress, savePatient, sendCode, useMails } from './mails.ts';

const { server, smtp } = useMails();

async function codeAt(address: string, count = 1): Promise<string> {
  return confirmationIn((await smtp().mailsTo(address, count)).at(-1)).code;
}

function inDatabase(statement: string, bsn: string) {
  const { database, vault } = server().server.register;
  return database.query<{ row: string }>(statement, [vault.keyOf(bsn)]);
}

/** Wrong, used and expired codes are answered alike, to the last letter. */
async function expectRefused(code: string): Promise<void> {
  const refused = await sendCode(server(), code);
  const wrong = await sendCode(server(), 'a'.repeat(26));
  expect([refused.status, await refused.text()]).toEqual([422, await wrong.text()]);
}

describe('a code', () => {
  it('counts once', async () => {
    const address = freshAddress();
    await savePatient(server(), await curious(server()), contact(address));
    const code = await codeAt(address);
    expect((await sendCode(server(), code)).status).toBe(200);
    await expectRefused(code);
  });

  it('counts for 24 hours; then saving the Patient again brings another', async () => {
    const bsn = await curious(server());
    const address = freshAddress();
    await savePatient(server(), bsn, contact(address));
    const code = await codeAt(address);
    const { rows } = await inDatabase(
      `select ((code_expires_at - clock_timestamp()) between interval '23 hours 55 minutes' and interval '24 hours')::text
        as row from mail_address where patient_key = $1`,
      bsn,
    );
    expect(rows).toEqual([{ row: 'true' }]);
    await inDatabase('update mail_address set code_expires_at = clock_timestamp() where patient_key = $1', bsn);
    await expectRefused(code);
    await change(server(), bsn);
    await savePatient(server(), bsn, contact(address));
    const next = await codeAt(address, 2);
    expect(next).not.toBe(code);
    expect((await sendCode(server(), next)).status).toBe(200);
  });

  it.each([
    ['in capitals', (code: string) => code.toUpperCase()],
    ['in groups', (code: string) => ` ${code.slice(0, 9)} ${code.slice(9, 18)}-${code.slice(18)}\t`],
    [
      'as the whole mail',
      (code: string) => `Someone gave this:\n${server().baseUrl}/email/confirm#${code}\nor: ${code}\n`,
    ],
    ['as the whole link', (code: string) => `${server().baseUrl}/email/confirm#${code}`],
  ])('may be typed %s', async (_how, written) => {
    const address = freshAddress();
    await savePatient(server(), await curious(server()), contact(address));
    expect((await sendCode(server(), written(await codeAt(address)))).status).toBe(200);
  });

  it.each([
    ['nothing', ''],
    ['a space', ' '],
    ['the sign before it', '#'],
    ['a letter', 'a'],
    ['ten thousand letters', 'a'.repeat(10_000)],
    ['a letter of another alphabet', 'é'],
    ['a character that is none', '\u0000'],
    ['a piece of SQL', "' or 1=1 --"],
  ])('is refused alike when it is %s', async (_what, code) => {
    await expectRefused(code);
  });

  it('is kept nowhere: the queue holds it sealed until it is sent, the register a hash', async () => {
    const bsn = await curious(server());
    const address = freshAddress();
    await savePatient(server(), bsn, contact(address));
    const code = await codeAt(address);
    const { rows } = await inDatabase(
      'select row_to_json(a)::text as row from mail_address as a where patient_key = $1',
      bsn,
    );
    expect(rows[0]?.row).not.toContain(code);
    expect(server().logged.join('\n')).not.toContain(code);
  });
});

describe('the page', () => {
  const page = (headers: Record<string, string> = {}) => fetch(`${server().baseUrl}/email/confirm`, { headers });

  it.each([
    ['nl', 'lang="nl"', 'Bevestigen'],
    ['en-GB,en;q=0.9', 'lang="en"', 'Confirm'],
    ['fr', 'lang="nl"', 'Bevestigen'],
  ])('speaks the language of the browser, %s', async (accepted, language, word) => {
    const text = await (await page({ 'Accept-Language': accepted })).text();
    expect(text).toContain(language);
    expect(text).toContain(word);
  });

  it('has a form that works without a script, loads nothing, and stands in no cache', async () => {
    const answer = await page();
    const text = await answer.text();
    expect(text).toMatch(/<form method="post">[\s\S]*<input [^>]*name="code"[\s\S]*<button>/);
    expect(text).not.toMatch(/(src|href|action|@import|url\()\s*=?/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
  });

  it('lets its own script and style run, by their hashes, and no other', async () => {
    const answer = await page();
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    const text = await answer.text();
    for (const [tag, directive] of [
      ['script', 'script-src'],
      ['style', 'style-src'],
    ] as const) {
      const [, inside = ''] = new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`).exec(text) ?? [];
      const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(inside));
      expect(policy).toContain(`${directive} 'sha256-${Buffer.from(digest).toString('base64')}'`);
    }
  });

  it.each([
    ['JSON', { 'Content-Type': 'application/json' }, '{"code":"a"}', 415],
    ['no type', {}, Buffer.from('code=a'), 415],
    ['a body that is too large', { 'Content-Type': 'application/x-www-form-urlencoded' }, 'a'.repeat(1_100_000), 413],
  ])('takes nothing but a form: %s', async (_what, headers, body, status) => {
    const answer = await fetch(`${server().baseUrl}/email/confirm`, { method: 'POST', headers, body });
    expect(answer.status).toBe(status);
  });

  it.each(['/email', '/email/', '/email/other', '/EMAIL/confirm', '/email/CONFIRM'])(
    'is at one address, not at %s',
    async (path) => {
      expect((await fetch(`${server().baseUrl}${path}`)).status).toBe(404);
    },
  );
});
