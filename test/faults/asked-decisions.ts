import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import { organization, patient, tokenIn } from '../start/ask.ts';
import type { OwnPostgres } from './own-postgres.ts';
import type { OwnServer } from './own-server.ts';
import { headersOf, parameters, post } from './post.ts';

const DECISION_ID = /"urn:uuid:([0-9a-f-]{36})"/;

const KEPT = `select id::text as id, count(*)::integer as times from audit_event where id = any($1::uuid[]) group by id`;
const DECIDED = `
  select count(*)::integer as count from audit_event where interaction = 'Consent.check' and detail ->> 'request' like $1`;

/** Questions about some citizens: what was answered, and whether each answer has its record in the log. */
export class AskedDecisions {
  /** The ids of the decisions that were answered. */
  readonly acknowledged: string[] = [];
  /** Questions without an answer, or refused for now: done or not. */
  unknown = 0;
  /** Those of them without an answer. */
  unanswered = 0;
  readonly #bodies: readonly string[];
  readonly #headers: Record<string, string>;
  /** Names the requests of these questions, so that the log tells them from others. */
  readonly #run = randomUUID();
  #next = 0;

  private constructor(bodies: readonly string[], headers: Record<string, string>) {
    this.#bodies = bodies;
    this.#headers = headers;
  }

  static async about(bsns: readonly string[], dataDir: string): Promise<AskedDecisions> {
    const parties = [organization('holder', '00000659'), organization('requester', '00014332')];
    const bodies = bsns.map((bsn) => parameters(patient(bsn), ...parties));
    return new AskedDecisions(bodies, headersOf(await tokenIn(dataDir, 'exchange')));
  }

  /** Asks the next question. @returns the status; 0 when there was no answer. @throws Error for an answer that is wrong */
  async ask({ baseUrl }: Pick<OwnServer, 'baseUrl'>, agent: Agent): Promise<number> {
    const body = this.#bodies[this.#next++ % this.#bodies.length] ?? '';
    const headers = { ...this.#headers, 'X-Request-Id': `${this.#run}-${this.#next}` };
    const answer = await post(agent, `${baseUrl}/fhir/Consent/$check`, headers, body);
    if (answer === undefined || answer.status === 503) {
      this.unknown += 1;
      if (answer === undefined) this.unanswered += 1;
      return answer?.status ?? 0;
    }
    const [, id] = DECISION_ID.exec(answer.text) ?? [];
    if (answer.status !== 200 || id === undefined) throw new Error(`a question was answered with ${answer.status}`);
    this.acknowledged.push(id);
    return answer.status;
  }

  /** What the log lacks, or has too often: every answer has one record, and what has none was answered to nobody. */
  async faults(postgres: OwnPostgres): Promise<string[]> {
    const kept = await postgres.query<{ id: string; times: number }>(KEPT, [this.acknowledged]);
    const lost = new Set(this.acknowledged).size - kept.length;
    const again = kept.filter(({ times }) => times > 1).length;
    const [{ count } = { count: 0 }] = await postgres.query<{ count: number }>(DECIDED, [`${this.#run}-%`]);
    const most = this.acknowledged.length + this.unknown;
    return [
      ...(lost > 0 ? [`${lost} acknowledged decisions are lost`] : []),
      ...(again > 0 ? [`${again} decisions have more than one record`] : []),
      ...(count > most ? [`the log holds ${count - most} decisions that nobody asked for`] : []),
    ];
  }
}
