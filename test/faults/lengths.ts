/** How often something is killed in one test, and how much is acknowledged before that in all: more by `npm run test:faults`. */
export const KILLS = Number(process.env['FAULT_KILLS'] ?? 2);
const WRITES = Number(process.env['FAULT_WRITES'] ?? 600);
/** What has to be acknowledged from one kill to the next. */
export const WRITES_EACH = Math.ceil(WRITES / KILLS);
/** How often a moment is brought about that a kill at random might miss. */
export const CERTAIN = Math.ceil(KILLS / 10);
