import { LIMIT_MS } from '../setup/test-database.ts';
import { openTestServer, useTestServer } from '../setup/test-server.ts';
import { bundle } from './bundle.ts';
import { deleteAccount } from './citizens.ts';
import * as family from './family.ts';
import { ageLog, logged, namedRequest } from './ledger.ts';
import { parameters } from './questions.ts';
import { patient } from './resources.ts';

const server = useTestServer();
const { changed, expectRefused } = family;

const aParent = () => family.parent(server());
const proposing = () => family.proposing(server());
const decide = (bsn: string, code: string, decision?: family.Decision) => family.decide(server(), bsn, code, decision);
const reason = (bsn: string) => family.decided(server(), bsn);

describe('tries at pairing codes', () => {
  it('end a code after five wrong ones, whoever made them, and tell the operator', async () => {
    const { child, code } = await proposing();
    for (let tries = 0; tries < 5; tries += 1) expectRefused(await decide(await aParent(), changed(code, 7)));
    const alarms = server().logged.filter((line) => line.includes('guessed at too often'));
    expect(alarms).toHaveLength(1);
    expect(alarms.join()).not.toContain(code);
    expectRefused(await decide(await aParent(), code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
  });

  it('leave a code good after four', async () => {
    const { child, code } = await proposing();
    for (let tries = 0; tries < 4; tries += 1) await decide(await aParent(), changed(code, 7));
    expect((await decide(await aParent(), code)).status).toBe(200);
    expect(await reason(child)).toBe('permit consent-given');
  });

  it('end for an account after five, also with a good code, for a quarter of an hour', async () => {
    const { child, code } = await proposing();
    const parent = await aParent();
    for (let tries = 0; tries < 5; tries += 1) expectRefused(await decide(parent, changed(code, 0)));
    expectRefused(await decide(parent, code));
    expectRefused(await family.review(server(), parent, code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
    await ageLog(server(), parent, '14 minutes');
    expectRefused(await decide(parent, code));
    await ageLog(server(), parent, '1 minute');
    expect((await decide(parent, code)).status).toBe(200);
  });

  it('stay good for an account after four', async () => {
    const { code } = await proposing();
    const parent = await aParent();
    for (let tries = 0; tries < 4; tries += 1) expectRefused(await decide(parent, changed(code, 0)));
    expect((await decide(parent, code)).status).toBe(200);
  });

  it('stay counted for who deletes the account and begins another', async () => {
    const { child, code } = await proposing();
    const parent = await aParent();
    for (let tries = 0; tries < 5; tries += 1) expectRefused(await decide(parent, changed(code, 0)));
    expect((await deleteAccount(server(), parent)).status).toBe(200);
    const body = patient(parent, { birthDate: family.bornYearsAgo(41) });
    expect((await server().fhir('/Patient', { as: `citizen:${parent}`, body })).status).toBe(201);
    expectRefused(await family.review(server(), parent, code));
    expectRefused(await decide(parent, code));
    expect(await reason(child)).toBe('deny minor-unconfirmed');
    await ageLog(server(), parent, '15 minutes');
    expect((await decide(parent, code)).status).toBe(200);
  });

  it(
    'are counted by all servers together, also at once',
    async () => {
      const { code } = await proposing();
      const parent = await aParent();
      const other = await openTestServer({ beside: server() });
      try {
        const { id, headers } = namedRequest();
        const sent = Array.from({ length: 12 }, (_, at) =>
          family.decide(at % 2 === 0 ? server() : other, parent, changed(code, 0), 'confirm', headers),
        );
        for (const answer of await Promise.all(sent)) expectRefused(answer);
        const tried = (await logged(server(), id)).filter(({ detail }) => detail.tried === true);
        expect(tried).toHaveLength(5);
        expectRefused(await family.decide(other, parent, code));
      } finally {
        await other.close();
      }
    },
    LIMIT_MS,
  );

  it('of an account whose tries are used up cost a code nothing', async () => {
    const { code } = await proposing();
    const guesser = await aParent();
    for (let tries = 0; tries < 5; tries += 1) await decide(guesser, changed(code, 0));
    for (let tries = 0; tries < 5; tries += 1) await decide(guesser, changed(code, 7));
    expect((await decide(await aParent(), code)).status).toBe(200);
  });

  it('stay counted when they come in a batch', async () => {
    const { code } = await proposing();
    const parent = await aParent();
    const entryOf = (written: string) => ({
      resource: parameters([{ name: 'code', valueString: written }]),
      request: { method: 'POST', url: 'Consent/$review' },
    });
    const entries = [...Array.from({ length: 5 }, () => entryOf(changed(code, 0))), entryOf(code)];
    const answer = await server().fhir<{ entry: { response: { status: string } }[] }>('/', {
      as: `citizen:${parent}`,
      body: bundle('batch', entries),
    });
    expect(answer.body.entry.map(({ response }) => response.status.slice(0, 3))).toEqual(Array(6).fill('422'));
  });

  it('stand in the log of the account and, when they found the code, of the child', async () => {
    const { child, code } = await proposing();
    const parent = await aParent();
    const { id, headers } = namedRequest();
    await family.decide(server(), parent, changed(code, 7), 'confirm', headers);
    const records = await logged(server(), id);
    const { vault } = server().server.register;
    const expected = [child, parent].map((bsn) => ({
      about: vault.keyOf(bsn).toString('hex'),
      interaction: 'Consent.confirm',
      outcome: '4',
    }));
    expect(records).toHaveLength(2);
    expect(records).toEqual(expect.arrayContaining(expected.map((one) => expect.objectContaining(one) as object)));
    expect(new Set(records.map(({ detail }) => detail.problem))).toEqual(new Set(['code-refused']));
    const counted = records.filter(({ detail }) => detail.tried === true);
    expect(counted.map(({ about }) => about)).toEqual([vault.keyOf(parent).toString('hex')]);
  });

  it(
    'find nothing in 1,000 guesses from a hundred accounts, and every code is dead by then',
    async () => {
      const children = await Promise.all(Array.from({ length: 5 }, proposing));
      const accounts = await Promise.all(Array.from({ length: 100 }, aParent));
      const guess = (at: number) => {
        const { code } = children[at % children.length] ?? { code: '' };
        return at % 4 === 0 ? code.slice(0, 4) + family.randomCode().slice(4) : family.randomCode();
      };
      for (let round = 0; round < 10; round += 1) {
        const sent = accounts.map((account, at) => decide(account, guess(round * 100 + at)));
        for (const answer of await Promise.all(sent)) expectRefused(answer);
      }
      const { vault, database } = server().server.register;
      const keys = children.map(({ child }) => vault.keyOf(child));
      const living = await database.query('select from pairing_code where patient_key = any($1::bytea[])', [keys]);
      expect(living.rowCount).toBe(0);
      for (const { child } of children) expect(await reason(child)).toBe('deny minor-unconfirmed');
    },
    LIMIT_MS,
  );
});
