import type { Parameters } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { codesOf, verdict } from './answers.ts';
import { bundle } from './bundle.ts';
import * as family from './family.ts';
import { freshBsn } from './people.ts';
import { parameters } from './questions.ts';

const LIFE = 15 * 60_000;
const server = useTestServer();
const { changed, expectRefused, said } = family;

const aParent = () => family.parent(server());
const proposing = () => family.proposing(server());
const decide = (bsn: string, code: string, decision?: family.Decision) => family.decide(server(), bsn, code, decision);
const reason = (bsn: string) => family.decided(server(), bsn);

const expired = (bsn: string, milliseconds: number) =>
  server().database.database.query(
    `update pairing_code set expires_at = expires_at - $2 * interval '1 millisecond' where patient_key = $1`,
    [server().server.register.vault.keyOf(bsn), milliseconds],
  );

describe('scenario 22: a code is refused alike', () => {
  it.each(['confirm', 'reject'] as const)('when it is wrong (%s)', async (decision) => {
    const { child, code } = await proposing();
    const parent = await aParent();
    for (const at of [0, 3, 4, 7]) expectRefused(await decide(parent, changed(code, at), decision));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it.each(['', 'ABC', 'ABCDEFG0', 'ABCDEFGHJ', '       ', 'É'])('when it cannot be one (%j)', async (code) => {
    const answer = await decide(await aParent(), code);
    if (code.trim() === '') expect(answer.status).toBe(400);
    else expectRefused(answer);
  });

  it.each(['confirm', 'reject'] as const)('when it is used (%s)', async (decision) => {
    const { code } = await proposing();
    const parent = await aParent();
    expect((await decide(parent, code, decision)).status).toBe(200);
    expectRefused(await decide(parent, code, decision));
    expectRefused(await family.review(server(), parent, code));
  });

  it('when it has expired', async () => {
    const { child, code } = await proposing();
    await expired(child, LIFE);
    expectRefused(await decide(await aParent(), code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it('but not before it has', async () => {
    const { child, code } = await proposing();
    await expired(child, LIFE - 60_000);
    expect((await decide(await aParent(), code)).status).toBe(200);
    expect(await reason(child)).toBe('permit consent-given');
  });

  it('when the child asked for another', async () => {
    const { child, code } = await proposing();
    const next = await family.codeOf(server(), child);
    const parent = await aParent();
    expectRefused(await decide(parent, code));
    expect((await decide(parent, next)).status).toBe(200);
  });

  it('in the account of the child', async () => {
    const { child, code } = await proposing();
    expectRefused(await decide(child, code));
    expectRefused(await family.review(server(), child, code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it.each([
    ['18 in two days', family.bornYearsAgo(18, 2)],
    ['17', family.bornYearsAgo(17)],
    ['14', family.bornYearsAgo(14)],
    ['of an unknown age', undefined],
    ['born at an unknown moment of a year', family.bornYearsAgo(18, -1).slice(0, 4)],
  ])('in an account of somebody %s', async (_age, birthDate) => {
    const { child, code } = await proposing();
    const account = await family.citizenBorn(server(), birthDate);
    const isLastDay = family.bornYearsAgo(0).endsWith('-12-31');
    if (birthDate?.length === 4 && isLastDay) return;
    expectRefused(await decide(account, code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it('in an account without a Patient', async () => {
    const { code } = await proposing();
    expectRefused(await decide(freshBsn(), code));
  });

  it('but not in that of somebody who says to be 18 or older, as long as no birth date is known', async () => {
    const { child, code } = await proposing();
    const account = await family.citizenBorn(server(), undefined);
    await family.sayAge(server(), account, '16-17');
    expectRefused(await decide(account, code));
    await family.sayAge(server(), account, '18-or-older');
    expect((await decide(account, code)).status).toBe(200);
    expect(await reason(child)).toBe('permit consent-given');
  });

  it('but not in that of somebody who is 18 today', async () => {
    const { child, code } = await proposing();
    expect((await decide(await family.citizenBorn(server(), family.bornYearsAgo(18)), code)).status).toBe(200);
    expect(await reason(child)).toBe('permit consent-given');
  });

  it('when the child has turned 16 since', async () => {
    const { child, code } = await proposing();
    await family.turnSixteen(server(), child);
    expectRefused(await decide(await aParent(), code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });
});

describe('a code', () => {
  it.each([
    ['in small letters', (code: string) => code.toLowerCase()],
    ['with spaces and a hyphen', (code: string) => ` ${code.slice(0, 4)} - ${code.slice(4)} `],
  ])('may be written %s', async (_how, write) => {
    const { code } = await proposing();
    expect((await decide(await aParent(), write(code))).status).toBe(200);
  });

  it('for an older version of what the child proposes confirms nothing', async () => {
    const { child, code } = await proposing();
    const parent = await aParent();
    await family.choose(server(), child, said('permit', { requesterCategory: 'RPZAC104' }));
    expect(verdict(await decide(parent, code))).toBe('409 code-for-older-version');
    expect(verdict(await family.review(server(), parent, code))).toBe('409 code-for-older-version');
    const statuses = (await family.consentsOf(server(), child)).map(({ status }) => status);
    expect(statuses).toEqual(['proposed']);
    await family.settle(server(), child, parent);
    expect(await reason(child)).toBe('permit consent-given');
  });

  it.each([
    ['withdrew', 'inactive'],
    ['deleted', undefined],
  ])('for what the child %s confirms nothing', async (_how, status) => {
    const { child, code } = await proposing();
    const [consent] = await family.consentsOf(server(), child);
    const call = { as: `citizen:${child}`, headers: { 'If-Match': 'W/"1"' } };
    const path = `/Consent/${consent?.id ?? ''}`;
    await server().fhir(
      path,
      status === undefined ? { ...call, method: 'DELETE' } : { ...call, method: 'PUT', body: { ...consent, status } },
    );
    expect(verdict(await decide(await aParent(), code))).toBe('409 code-for-older-version');
    expect(await reason(child)).toBe('deny no-consent');
  });

  it('is confirmed once when two parents confirm at the same time', async () => {
    const { child, code } = await proposing();
    const parents = [await aParent(), await aParent()];
    const answers = await Promise.all(parents.map((parent) => decide(parent, code)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect((await family.consentsOf(server(), child)).map(({ meta }) => meta?.versionId)).toEqual(['2']);
  });

  it('or a later choice: never both when the child changes its mind at the same time', async () => {
    const { child, code } = await proposing();
    const parent = await aParent();
    await Promise.all([decide(parent, code), family.choose(server(), child, said('deny'))]);
    expect(await reason(child)).toBe('deny consent-refused');
  });

  it('is not entered in a transaction, where a wrong one would not stay counted', async () => {
    const { child, code } = await proposing();
    const resource = parameters([
      { name: 'code', valueString: code },
      { name: 'decision', valueCode: 'confirm' },
    ]);
    const entry = { resource, request: { method: 'POST', url: 'Consent/$confirm' } };
    const as = `citizen:${await aParent()}`;
    expect(verdict(await server().fhir('/', { as, body: bundle('transaction', [entry]) }))).toBe(
      '422 code-in-transaction',
    );
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it('stands nowhere in the database, and is not in the log', async () => {
    const { child, code } = await proposing();
    const { database } = server().database;
    await decide(await aParent(), changed(code, 7));
    const { rows } = await database.query<{ held: string }>(
      `select (select coalesce(string_agg(c::text, ''), '') from pairing_code as c) ||
              (select coalesce(string_agg(e::text, ''), '') from audit_event as e) as held`,
    );
    const [held = ''] = rows.map((row) => row.held);
    expect(held.length).toBeGreaterThan(1000);
    for (const secret of [code, code.slice(0, 4), code.slice(4)]) {
      expect(held).not.toContain(Buffer.from(secret).toString('hex'));
    }
    for (const secret of [code, child]) expect(held).not.toContain(secret);
  });
});

describe('nobody but a citizen', () => {
  it.each(['$pairing-code', '$review', '$confirm'])('calls %s', async (operation) => {
    for (const as of ['gp', 'exchange', 'auditor', 'admin']) {
      const answer = await server().fhir<Parameters>(`/Consent/${operation}`, { as, body: parameters([]) });
      expect(answer.status).toBe(403);
      expect(codesOf(answer)).toEqual(['not-permitted']);
    }
  });
});
