import { randomInt } from 'node:crypto';
import { operation, sendBundle, statusesOf } from '../http/bundle.ts';
import * as family from '../http/family.ts';
import { freshBsn } from '../http/people.ts';
import { parameters } from '../http/questions.ts';
import { patient } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();

const ACCOUNTS = 100;
const GUESSES_EACH = 100;
const CHILDREN = 5;

const confirming = (code: string) =>
  operation(
    'Consent/$confirm',
    parameters([
      { name: 'code', valueString: code },
      { name: 'decision', valueCode: 'confirm' },
    ]),
  );

/** A wrong code: half of them find a living one, as for somebody who has seen half of it on a screen. */
function guess(codes: readonly string[]): string {
  const code = codes[randomInt(codes.length)] ?? '';
  const random = family.randomCode();
  const tried = randomInt(2) === 0 ? code.slice(0, 4) + random.slice(4) : random;
  return codes.includes(tried) ? family.changed(tried, 7) : tried;
}

describe('ten thousand guesses at pairing codes from a hundred accounts', () => {
  it('hit nothing, end the codes they come near, and are told to the operator; a new code is good', async () => {
    const families = await Promise.all(Array.from({ length: CHILDREN }, () => family.proposing(server())));
    const codes = families.map(({ code }) => code);
    for (let account = 0; account < ACCOUNTS; account += 1) {
      const bsn = freshBsn();
      await server().fhir('/Patient', {
        as: `citizen:${bsn}`,
        body: patient(bsn, { birthDate: family.bornYearsAgo(41) }),
      });
      const entries = Array.from({ length: GUESSES_EACH }, () => confirming(guess(codes)));
      const answer = await sendBundle(server(), `citizen:${bsn}`, 'batch', entries);
      expect(statusesOf(answer)).toEqual(Array.from({ length: GUESSES_EACH }, () => '422'));
    }
    const alarms = server().logged.filter((line) => line.includes('guessed at too often'));
    expect(alarms).toHaveLength(CHILDREN);
    for (const code of codes) expect(server().logged.join('\n')).not.toContain(code);
    for (const { child, code } of families) {
      const parent = await family.parent(server());
      family.expectRefused(await family.decide(server(), parent, code));
      expect(await family.decided(server(), child)).toBe('deny minor-unconfirmed');
      expect((await family.decide(server(), parent, await family.codeOf(server(), child))).status).toBe(200);
      expect(await family.decided(server(), child)).toBe('permit consent-given');
    }
  }, 600_000);
});
