import { bundle, operation } from '../http/bundle.ts';
import { openQuestion } from '../http/locating.ts';
import { GP, PHARMACY } from '../http/people.ts';
import { batchOf, question, questionOf } from '../http/questions.ts';
import type { Call, Called } from './caller.ts';

/** A way to learn whether the GP practice may share with the pharmacy. */
interface Door {
  readonly name: string;
  readonly path: string;
  readonly body: (bsn: string) => object;
}

/** More than are decided together with those of other calls. */
const MANY = 9;

const many = (bsn: string, count: number) => batchOf(Array.from({ length: count }, () => questionOf(bsn)));

/** Every door there is. */
export const DOORS: readonly Door[] = [
  { name: 'one question', path: '/Consent/$check', body: (bsn) => question(bsn) },
  { name: 'a few in one', path: '/Consent/$check', body: (bsn) => many(bsn, 2) },
  { name: 'many in one', path: '/Consent/$check', body: (bsn) => many(bsn, MANY) },
  {
    name: 'an entry of a Bundle',
    path: '/',
    body: (bsn) => bundle('batch', [operation('Consent/$check', question(bsn))]),
  },
  { name: '$locate', path: '/Consent/$locate', body: (bsn) => openQuestion(bsn, { requester: PHARMACY }) },
];

/** What a door said: `permit`, `deny`, or what else became of the call. */
export function saidBy({ status, body, failure }: Called): string {
  if (status !== 200) return failure ?? String(status);
  const found = [...decisionsIn(JSON.parse(body) as unknown)];
  const others = found.find((one) => one !== 'permit' && one !== 'deny');
  if (others !== undefined) return others;
  return found.includes('permit') ? 'permit' : 'deny';
}

/** Every decision, every holder that was located, and the status of every entry that was not answered. */
function* decisionsIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  const { name, valueCode, valueIdentifier, status } = value as Record<string, unknown>;
  if (name === 'decision') yield String(valueCode);
  if (name === 'holder' && (valueIdentifier as { value?: unknown }).value === GP) yield 'permit';
  if (typeof status === 'string' && !status.startsWith('200')) yield status;
  for (const part of Object.values(value)) yield* decisionsIn(part);
}

/** What every door of every server says of a citizen, all asked at once: one line each that is not `expected`. */
export async function unlike(
  expected: 'permit' | 'deny',
  bsn: string,
  token: string,
  calls: readonly Call[],
): Promise<string[]> {
  const asked = calls.flatMap((call, node) =>
    DOORS.map(async ({ name, path, body }) => {
      const said = saidBy(await call(`/fhir${path}`, { token, body: body(bsn) }));
      return said === expected ? [] : [`${name} of server ${node + 1}: ${said}`];
    }),
  );
  return (await Promise.all(asked)).flat();
}
