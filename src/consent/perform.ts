import { appendRecords } from '../audit/append.ts';
import { auditId, type AuditDetail, type AuditRecord } from '../audit/record.ts';
import type { Caller } from '../auth/caller.ts';
import { permit, type Target } from '../auth/permissions.ts';
import type { Problem } from '../problem.ts';
import { inTransaction, type Sql } from '../storage/database.ts';
import { readClock } from '../storage/clock.ts';
import { asProblem } from '../storage/database-problem.ts';
import { passOn } from './pass-on.ts';
import type { Register } from './register.ts';
import { tellCitizens } from './tell-citizens.ts';
import type { Access, Note, Unit } from './unit.ts';

/** A way to run units: each in its own transaction, or all in one (a FHIR transaction). */
export interface Desk {
  run<T>(
    access: Access & { readonly caller: Caller; readonly target: Target },
    work: (unit: Unit) => Promise<T>,
  ): Promise<T>;
}

const recorded = new WeakSet<Problem>();

/** Says that the audit record of this problem is written: whoever catches it later writes none. */
export function markRecorded(problem: Problem): void {
  recorded.add(problem);
}

/** Each access in a transaction of its own: permission, work and audit record commit together, a refusal is recorded apart. */
export function openDesk(register: Register): Desk {
  return {
    async run(access, work) {
      const notes: Note[] = [];
      try {
        permit(access.caller, access.target);
        return await inCommitted(register, (scope) => workAndRecord({ ...scope, notes, all: notes }, access, work));
      } catch (error) {
        throw await recordRefusal(register, access, error, { about: citizensOf(notes) });
      }
    },
  };
}

/**
 * All accesses that `work` makes share one transaction: all or nothing. What fails is recorded once, as the whole, with the
 * access it failed at.
 */
export async function inOneTransaction<T>(
  register: Register,
  access: Access & { readonly caller: Caller },
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const begun: { readonly target: Target; readonly notes: Note[] }[] = [];
  const all: Note[] = [];
  try {
    return await inCommitted(register, (scope) =>
      work({
        async run(inner, innerWork) {
          const notes: Note[] = [];
          begun.push({ target: inner.target, notes });
          permit(inner.caller, inner.target);
          const result = await workAndRecord({ ...scope, notes, all }, inner, innerWork);
          begun.pop();
          return result;
        },
      }),
    );
  } catch (error) {
    const failed = begun.findLast(({ target }) => target !== access.target);
    const more = failed === undefined ? {} : { failed: failed.target, about: citizensOf(failed.notes) };
    throw await recordRefusal(register, access, error, more);
  }
}

/** What all units of one transaction share. */
interface Scope {
  readonly register: Register;
  readonly sql: Sql;
  readonly afterCommit: Unit['afterCommit'];
}

/** Runs work in one transaction, and then what it left for after the commit. */
async function inCommitted<T>(register: Register, work: (scope: Scope) => Promise<T>): Promise<T> {
  const acts: (() => void)[] = [];
  const afterCommit = (act: () => void): void => void acts.push(act);
  const result = await inTransaction(register.database, (sql) => work({ register, sql, afterCommit }));
  for (const act of new Set(acts)) act();
  return result;
}

async function workAndRecord<T>(
  { notes, all, ...scope }: Scope & { readonly notes: Note[]; readonly all: Note[] },
  access: Access & { readonly caller: Caller },
  work: (unit: Unit) => Promise<T>,
): Promise<T> {
  const { sql } = scope;
  const { caller, requestId } = access;
  const note = (noted: Note): void => {
    notes.push(noted);
    if (all !== notes) all.push(noted);
  };
  const unit: Unit = { ...scope, caller, requestId, note, noted: () => all };
  const result = await work(unit);
  const now = await readClock(sql);
  await passOn(unit, now, mergeNotes(notes));
  const merged = mergeNotes(notes);
  if (await tellCitizens(scope.register, sql, now, merged)) scope.afterCommit(scope.register.nudge);
  await appendRecords(sql, recordsOf(access, now, '0', merged));
  return result;
}

/** The citizens that notes speak of, each once. */
function citizensOf(notes: readonly Note[]): Buffer[] {
  return mergeNotes(notes).flatMap(({ patientKey }) => patientKey ?? []);
}

/**
 * Records an access that ended in a problem, once, and returns the problem to throw. When even that cannot be written
 * the answer becomes 503: nothing leaves unrecorded.
 */
export async function recordRefusal(
  register: Register,
  access: Access,
  error: unknown,
  more: Pick<AuditDetail, 'failed' | 'count'> & { readonly about?: readonly Buffer[] } = {},
): Promise<Problem> {
  const problem = asProblem(error);
  if (recorded.has(problem)) return problem;
  recorded.add(problem);
  const outcome = problem.kind === 'unavailable' ? '8' : '4';
  try {
    const { about = [], ...where } = more;
    const detail = { problem: problem.issues[0].code, ...where };
    const notes = about.length === 0 ? [{ detail }] : about.map((patientKey) => ({ patientKey, detail }));
    const now = await register.appendRefusal((moment) => recordsOf(access, moment, outcome, notes));
    await tellOfRefusal(register, now, notes);
    return problem;
  } catch (cause) {
    register.log.error('audit record could not be written', { problem: asProblem(cause).issues[0].code });
    const unavailable = asProblem(cause, 'unavailable');
    recorded.add(unavailable);
    return unavailable;
  }
}

/** The refusal stands, whether or not there can be a mail about it. */
async function tellOfRefusal(register: Register, now: number, notes: readonly Note[]): Promise<void> {
  try {
    if (await tellCitizens(register, register.database, now, notes)) register.nudge();
  } catch {
    register.log.error('a mail about a refusal could not be queued', {});
  }
}

/**
 * One note for each citizen, because a piece of work may come upon the same one more than once, and for each item that is about
 * none. Without any, one empty note.
 */
function mergeNotes(notes: readonly Note[]): Note[] {
  const byPatient = new Map<string, Note[]>();
  for (const note of notes) {
    const key = note.patientKey?.toString('hex') ?? `item ${note.item ?? ''}`;
    const alike = byPatient.get(key);
    if (alike === undefined) byPatient.set(key, [note]);
    else alike.push(note);
  }
  return byPatient.size === 0 ? [{}] : [...byPatient.values()].map(merged);
}

/** What any of them lists is in the result once; of anything else the last one counts. */
function merged(notes: readonly Note[]): Note {
  const all = (listOf: (note: Note) => readonly string[] | undefined) => [
    ...new Set(notes.flatMap((note) => listOf(note) ?? [])),
  ];
  const last = notes.reduce<Note>((earlier, note) => ({ ...earlier, ...note }), {});
  const entities = all(({ detail }) => detail?.entities);
  const searched = all(({ detail }) => detail?.searched);
  const detail = {
    ...notes.reduce<AuditDetail>((earlier, note) => ({ ...earlier, ...note.detail }), {}),
    ...(entities.length === 0 ? {} : { entities }),
    ...(searched.length === 0 ? {} : { searched }),
  };
  const { recorded } = last;
  const consents = all((note) => note.recorded?.consents);
  return { ...last, detail, ...(recorded === undefined ? {} : { recorded: { ...recorded, consents } }) };
}

/** The records of an access, one for each note. A citizen who acts and has none of their own is named in those of others. */
function recordsOf(
  access: Access,
  now: number,
  outcome: AuditRecord['outcome'],
  notes: readonly Note[],
): AuditRecord[] {
  const { caller } = access;
  const actors = notes.map(({ patientKey }) => actorOf(caller, patientKey));
  const isNamed = actors.some(({ actor }) => actor === undefined);
  return notes.map((note, index) => {
    const detail = { ...(isNamed ? {} : actors[index]), ...note.detail };
    return record(access, now, note.outcome ?? outcome, { ...note, detail });
  });
}

function record(access: Access, now: number, outcome: AuditRecord['outcome'], note: Note): AuditRecord {
  const { caller } = access;
  const client = caller !== undefined && caller.role !== 'citizen' ? caller : undefined;
  const patientKey = note.patientKey ?? (caller?.role === 'citizen' ? caller.patientKey : undefined);
  return {
    id: auditId(now),
    recordedAt: now,
    ...(patientKey === undefined ? {} : { patientKey }),
    ...(client === undefined ? {} : { clientId: client.clientId }),
    interaction: access.target,
    outcome,
    detail: {
      ...(caller === undefined ? {} : { role: caller.role }),
      ...(client?.ura === undefined ? {} : { ura: client.ura }),
      request: access.requestId,
      ...(note.recorded === undefined ? {} : { way: note.recorded.way }),
      ...note.detail,
    },
  };
}

/** The citizen who acted, where the record is about another one. */
export function actorOf(caller: Caller | undefined, patientKey: Buffer | undefined): Pick<AuditDetail, 'actor'> {
  if (caller?.role !== 'citizen' || patientKey?.equals(caller.patientKey) !== false) return {};
  return { actor: caller.patientKey.toString('hex') };
}
