import type { AuditEvent, Bundle, Parameters } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { entriesOf, nextOf } from './answers.ts';
import { parameters } from './questions.ts';

/** What a citizen wants settled; what is left out stays. */
export interface Wanted {
  readonly locked?: boolean;
  readonly emailOn?: readonly string[];
  readonly ageGroup?: string;
}

/** The body of `Patient/$settings`. */
export const settingsBody = ({ locked, emailOn = [], ageGroup }: Wanted) =>
  parameters([
    ...(locked === undefined ? [] : [{ name: 'locked', valueBoolean: locked }]),
    ...emailOn.map((valueCode) => ({ name: 'emailOn', valueCode })),
    ...(ageGroup === undefined ? [] : [{ name: 'ageGroup', valueCode: ageGroup }]),
  ]);

export function settle(server: TestServer, bsn: string, wanted: Wanted = {}): Promise<Answer<Parameters>> {
  return server.fhir<Parameters>('/Patient/$settings', { as: `citizen:${bsn}`, body: settingsBody(wanted) });
}

/** The same, and it must be answered. */
export async function settled(server: TestServer, bsn: string, wanted: Wanted = {}): Promise<object> {
  const { status, body } = await settle(server, bsn, wanted);
  if (status !== 200) throw new Error(JSON.stringify(body));
  const given = body.parameter ?? [];
  return {
    locked: given.find(({ name }) => name === 'locked')?.valueBoolean,
    emailOn: given.flatMap(({ name, valueCode }) => (name === 'emailOn' ? [valueCode] : [])),
    ageGroup: given.find(({ name }) => name === 'ageGroup')?.valueCode,
    fixed: given.find(({ name }) => name === 'ageGroupFixed')?.valueBoolean,
  };
}

/** Deletes the account; the confirmation goes to `email`, if any. */
export function deleteAccount(server: TestServer, bsn: string, email?: string): Promise<Answer<unknown>> {
  const body = parameters(email === undefined ? [] : [{ name: 'email', valueString: email }]);
  return server.fhir('/Patient/$delete-account', { as: `citizen:${bsn}`, body });
}

/** A page of the citizen's own log, or the one that a link leads to. */
export function logPage(server: TestServer, bsn: string, link?: string): Promise<Answer<Bundle<AuditEvent>>> {
  const as = `citizen:${bsn}`;
  if (link !== undefined) return server.fhir<Bundle<AuditEvent>>(link, { as });
  return server.fhir<Bundle<AuditEvent>>('/Patient/$access-log', { as, body: parameters([]) });
}

/** The citizen's whole log, newest first. */
export async function wholeLog(server: TestServer, bsn: string): Promise<AuditEvent[]> {
  const events: AuditEvent[] = [];
  let answer = await logPage(server, bsn);
  for (;;) {
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    events.push(...entriesOf<AuditEvent>(answer));
    const next = nextOf(answer);
    if (next === undefined) return events;
    answer = await logPage(server, bsn, next);
  }
}

/** What happened, in one text: `grant-emergency 4 locked-by-citizen`. */
export function toldBy({ subtype, outcome, outcomeDesc }: AuditEvent): string {
  return [subtype?.[0]?.code, outcome, outcomeDesc].filter((word) => word !== undefined).join(' ');
}

/** The details of an event by name, each with all its values. */
export function detailsOf({ entity = [] }: AuditEvent): Record<string, string[]> {
  const details: Record<string, string[]> = {};
  for (const { type, valueString = '' } of entity.flatMap(({ detail = [] }) => detail)) {
    details[type] = [...(details[type] ?? []), valueString];
  }
  return details;
}
