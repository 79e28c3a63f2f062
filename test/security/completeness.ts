import type { Sql } from '../../src/storage/database.ts';

/** What a caller was answered, and under which request id: the header `X-Request-Id` of the answer. */
export interface CountedAnswer {
  readonly requestId: string;
  /** How many records its request has to leave; default: at least one. */
  readonly records?: number;
}

/** What the log misses, and what it has that nobody was answered. Both are empty when it is complete. */
export interface Completeness {
  readonly answers: number;
  readonly records: number;
  /** Request ids of answers with no record, or with another number of them than said. */
  readonly wrong: readonly string[];
  /** Request ids of records without an answer: an answer that was lost on its way, or one that was not counted. */
  readonly unanswered: readonly string[];
}

/** The words the server speaks, which are open to everybody. */
const OPEN =
  /^\/fhir\/(?:metadata|\.well-known|(?:Structure|Operation)Definition|SearchParameter|CodeSystem|ValueSet|ConceptMap)\b/;

/** Whether every answer at this address leaves a record. @param path from the root (`/fhir/Consent`) */
export function leavesRecord(path: string): boolean {
  return path.startsWith('/fhir') && !OPEN.test(path);
}

const RECORDS = `
  select detail ->> 'request' as request, count(*) as count from audit_event
  where detail ? 'request' and recorded_at >= $1::timestamptz group by 1`;

/**
 * Compares the answers of a run with the records it left, request by request.
 * @param since when the run began, by the database's clock: what is older does not count
 */
export async function completenessOf(sql: Sql, answers: readonly CountedAnswer[], since = 0): Promise<Completeness> {
  const { rows } = await sql.query<{ request: string; count: number }>(RECORDS, [new Date(since).toISOString()]);
  const recorded = new Map(rows.map(({ request, count }) => [request, count]));
  const isWrong = ({ requestId, records }: CountedAnswer): boolean => {
    const count = recorded.get(requestId) ?? 0;
    return records === undefined ? count === 0 : count !== records;
  };
  const answered = new Set(answers.map(({ requestId }) => requestId));
  return {
    answers: answers.length,
    records: rows.reduce((sum, { count }) => sum + count, 0),
    wrong: answers.filter(isWrong).map(({ requestId }) => requestId),
    unanswered: [...recorded.keys()].filter((request) => !answered.has(request)),
  };
}
