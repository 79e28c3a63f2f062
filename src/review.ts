import { parseArgs } from 'node:util';
import { z } from 'zod';
import { review } from './audit/review.ts';
import { REVIEW_FORMATS } from './audit/review-text.ts';
import { operate } from './operate.ts';
import { openTrust } from './open-trust.ts';
import { inTransaction, openDatabase } from './storage/database.ts';

/** How long one look through the log may take: 10 minutes. */
const PATIENCE = 600_000;
const WEEK = 7 * 86_400_000;

const DAY = z.iso.date();
const COUNT = z.coerce.number().int().min(1).max(1_000_000);
const HOUR = z.coerce.number().int().min(0).max(24);

const ARGUMENTS = z.object({
  from: DAY.default(() => daysAgo(WEEK)),
  to: DAY.default(() => daysAgo(0)),
  format: z.enum(['table', 'json', 'csv']).default('table'),
  'odd-from': HOUR.default(22),
  'odd-to': HOUR.default(6),
  'odd-checks': COUNT.default(1),
  citizens: COUNT.default(50),
  burst: COUNT.default(20),
  'burst-minutes': COUNT.default(10),
  'lock-attempts': COUNT.default(1),
  codes: COUNT.default(5),
});

function daysAgo(milliseconds: number): string {
  const day = new Date(Date.now() - milliseconds);
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Amsterdam' }).format(day);
}

/** @throws Error with one sentence for each argument that is wrong */
function readArguments(): z.infer<typeof ARGUMENTS> {
  const options = Object.fromEntries(Object.keys(ARGUMENTS.shape).map((name) => [name, { type: 'string' as const }]));
  const read = ARGUMENTS.safeParse(parseArgs({ options }).values);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}.`).join('\n'));
}

/** `npm run review -- --from 2026-11-01 --format csv`: what in the audit log deserves a second look. Prints the report. */
await operate(async (config, { url }) => {
  const { from, to, format, ...given } = readArguments();
  const { vault } = await openTrust(config);
  const thresholds = {
    oddFrom: given['odd-from'],
    oddTo: given['odd-to'],
    oddChecks: given['odd-checks'],
    citizens: given.citizens,
    burst: given.burst,
    burstMinutes: given['burst-minutes'],
    lockAttempts: given['lock-attempts'],
    codes: given.codes,
  };
  const pseudonymOf = (number: string) => vault.hashText('professional', number).toString('hex').slice(0, 16);
  const database = await openDatabase(url, { applicationName: 'akkoord-review', max: 1, patience: PATIENCE });
  try {
    const found = await inTransaction(database, (sql) => review(sql, pseudonymOf, { from, to }, thresholds));
    console.log(REVIEW_FORMATS[format]?.(found));
  } finally {
    await database.close();
  }
});
