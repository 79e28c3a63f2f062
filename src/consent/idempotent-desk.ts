import type { Caller } from '../auth/caller.ts';
import { problem } from '../problem.ts';
import { claimName, findKeptAnswer, keepAnswer } from '../storage/kept-answer.ts';
import type { Desk } from './perform.ts';
import type { Register } from './register.ts';
import type { Note, Unit } from './unit.ts';

/** A recording that its caller names, so that it happens once however often it is asked for. */
export interface NamedRequest {
  /** The name, with all that it is a name for: the same name of another caller is another. */
  readonly name: string;
  /** Everything that decides what is recorded. Read when the caller has been found to be allowed it. */
  readonly content: () => string;
}

/** What is kept of an answer, sealed. */
interface Kept {
  readonly answer?: unknown;
  readonly about: readonly { readonly citizen?: string; readonly entities?: readonly string[] }[];
}

const SEALED_FOR = 'kept answer';

/**
 * A desk at which the request is done once (rule 44): what it answers is kept in the transaction of its effect, so that neither
 * is there without the other; a repetition within 24 hours is answered the same, has no effect, and is in the log as what it
 * is. What fails is not kept. The work answers something that can be written as JSON.
 * https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-idempotency-key-header-07#section-2.6
 * @throws Problem invalid when another request has this name, in-progress while the first one is not done
 */
export function idempotentDesk(desk: Desk, named: NamedRequest): Desk {
  return { run: (access, work) => desk.run(access, (unit) => doneOnce(unit, named, work)) };
}

async function doneOnce<T>(unit: Unit, named: NamedRequest, work: (unit: Unit) => Promise<T>): Promise<T> {
  const { sql, register, caller } = unit;
  const name = register.vault.hashText('request name', `${nameOf(caller)}\n${named.name}`);
  const content = register.vault.hashText('request content', named.content());
  const isFree = await claimName(sql, name);
  const kept = await findKeptAnswer(sql, name);
  if (kept?.content.equals(content) === false) throw anotherRequest();
  if (kept !== undefined) return answeredBefore(unit, name, kept.answer) as T;
  if (!isFree) throw underWay();
  const answer = await work(unit);
  const notes = unit.noted();
  // Work that ended in a refusal, of which something had to be written all the same.
  if (notes.some(({ outcome }) => outcome === '4')) return answer;
  const sealed = register.vault.sealText(sealedFor(name), JSON.stringify(keptOf(answer, notes)));
  await keepAnswer(sql, { name, content, answer: sealed, patientKeys: citizensOf(caller, notes) });
  return answer;
}

/** Shows what was answered then, with a note for everybody whom it is about. */
function answeredBefore(unit: Unit, name: Buffer, sealed: string): unknown {
  const { answer, about } = JSON.parse(unit.register.vault.openText(sealedFor(name), sealed)) as Kept;
  if (about.length === 0) unit.note({ detail: { replayed: true } });
  for (const { citizen, entities } of about) {
    const patientKey = citizen === undefined ? {} : { patientKey: Buffer.from(citizen, 'hex') };
    unit.note({ ...patientKey, detail: { ...(entities === undefined ? {} : { entities }), replayed: true } });
  }
  return answer;
}

function keptOf(answer: unknown, notes: readonly Note[]): Kept {
  const told = notes.filter(({ patientKey, detail }) => patientKey !== undefined || detail?.entities !== undefined);
  const about = told.map(({ patientKey, detail }) => ({
    ...(patientKey === undefined ? {} : { citizen: patientKey.toString('hex') }),
    ...(detail?.entities === undefined ? {} : { entities: detail.entities }),
  }));
  return { answer, about };
}

/** Nothing of an account stays, also not that this was its deletion. */
function citizensOf(caller: Caller, notes: readonly Note[]): Buffer[] {
  const own = caller.role === 'citizen' ? [caller.patientKey] : [];
  const keys = new Map([...own, ...keysIn(notes)].map((key) => [key.toString('hex'), key]));
  for (const key of keysIn(notes.filter(({ forgotten }) => forgotten === true))) keys.delete(key.toString('hex'));
  return [...keys.values()];
}

function keysIn(notes: readonly Note[]): Buffer[] {
  return notes.flatMap(({ patientKey }) => patientKey ?? []);
}

/** Bound to its row: an answer opens in no other place. */
function sealedFor(name: Buffer): string {
  return `${SEALED_FOR} ${name.toString('hex')}`;
}

const underWayNow = new WeakMap<Register, Map<string, Promise<unknown>>>();

/**
 * Does work after the same request that came to this process before, if it is still under way: so that a repetition waits
 * without a connection to the database, and finds the answer.
 */
export async function afterTheSame<T>(
  register: Register,
  caller: Caller,
  { name }: NamedRequest,
  work: () => Promise<T>,
): Promise<T> {
  const requests = underWayNow.get(register) ?? new Map<string, Promise<unknown>>();
  underWayNow.set(register, requests);
  const full = `${nameOf(caller)}\n${name}`;
  await requests.get(full)?.catch(() => undefined);
  const done = work();
  if (requests.has(full)) return done;
  requests.set(full, done);
  return done.finally(() => requests.delete(full));
}

/** A client that was registered for another organisation, or in another role, is another. */
function nameOf(caller: Caller): string {
  if (caller.role === 'citizen') return `citizen ${caller.patientKey.toString('hex')}`;
  return `client ${caller.clientId} ${caller.role} ${caller.ura ?? ''}`;
}

function anotherRequest() {
  const text = 'This Idempotency-Key was given to another request within the last 24 hours.';
  return problem('invalid', 'idempotency-key-reused', text);
}

function underWay() {
  const text = 'A request with this Idempotency-Key is still being answered: ask again.';
  return problem('in-progress', 'idempotency-key-in-progress', text);
}
