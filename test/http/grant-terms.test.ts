import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { LIMIT_MS } from '../setup/test-database.ts';
import { useTestServer } from '../setup/test-server.ts';
import { partsOf } from './answers.ts';
import { askedOf, instant, spoken } from './emergency.ts';
import { freshBsn, GP, POST } from './people.ts';
import { applyGiven } from './scenarios-record.ts';

const server = useTestServer();

/** A grant and five moments, all on the wall clock of Amsterdam. */
interface Row {
  readonly start: string;
  readonly why: string;
  /** The last millisecond before the start, the start, the last millisecond of the 72 hours, their end, and just after. */
  readonly before: string;
  readonly first: string;
  readonly last: string;
  readonly end: string;
  readonly after: string;
}

const TABLE = JSON.parse(readFileSync(new URL('grant-terms.json', import.meta.url), 'utf8')) as Row[];
const SEVENTY_TWO_HOURS = 259_200_000;
const PERMIT = 'permit emergency-grant';
const DENY = 'deny no-consent';

/** A citizen with a grant for the post that begins at this moment and was recorded before. */
async function citizenWithGrant(start: string): Promise<string> {
  const bsn = freshBsn();
  const grant = { requester: POST, holders: [GP], dataCategory: 'GGC002', patientAgreed: 'agreed', start } as const;
  await applyGiven(server(), bsn, [{ called: 'grant', grant }]);
  return bsn;
}

/** Back then neither organisation was registered yet, so the question names their types. */
const asked = (bsn: string, moment: string) =>
  askedOf(server(), bsn, { at: moment, holderType: 'Z3', requesterType: 'N6' });
const at = async (bsn: string, moment: string) => spoken(await asked(bsn, moment));

describe('72 hours are 72 hours', () => {
  it.each(TABLE.map((row): [string, string, Row] => [row.start, row.why, row]))(
    'from %s: %s',
    async (start, _why, { before, first, last, end, after }) => {
      const bsn = await citizenWithGrant(start);
      const answers = await Promise.all([before, first, last, end, after].map((moment) => at(bsn, moment)));
      expect(answers).toEqual([DENY, PERMIT, PERMIT, DENY, DENY]);
      const { nextChangeAt } = partsOf(await asked(bsn, first));
      expect(nextChangeAt?.valueInstant).toBe(instant(Date.parse(end)));
    },
  );

  it('whatever the clock on the wall says meanwhile', () => {
    for (const { first, end } of TABLE) expect(Date.parse(end) - Date.parse(first)).toBe(SEVENTY_TWO_HOURS);
    const byTheWall = TABLE.map(
      ({ first, end }) => Date.parse(`${end.slice(0, 23)}Z`) - Date.parse(`${first.slice(0, 23)}Z`),
    );
    const hours = [...new Set(byTheWall.map((milliseconds) => milliseconds / 3_600_000))].sort();
    expect(hours).toEqual([71, 72, 73]);
  });

  it(
    'at any moment: a grant permits from its start up to its last millisecond, and never outlives it',
    async () => {
      const first = Date.parse('2026-02-01T00:00:00Z');
      const start = fc.integer({ min: 0, max: 270 * 86_400_000 }).map((later) => first + later);
      const near = fc.oneof(
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -SEVENTY_TWO_HOURS, max: SEVENTY_TWO_HOURS }),
      );
      const edge = fc.constantFrom(0, SEVENTY_TWO_HOURS);
      await fc.assert(
        fc.asyncProperty(start, edge, near, async (begins, side, beside) => {
          const bsn = await citizenWithGrant(instant(begins));
          const moment = begins + side + beside;
          const isIn = begins <= moment && moment < begins + SEVENTY_TWO_HOURS;
          expect(await at(bsn, instant(moment))).toBe(isIn ? PERMIT : DENY);
        }),
        { numRuns: 100 },
      );
    },
    LIMIT_MS,
  );
});
