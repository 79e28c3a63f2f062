import { randomBytes } from 'node:crypto';
import type { Sql } from '../storage/database.ts';
import {
  deleteIdleSessions,
  deleteSession,
  findSession,
  insertSession,
  type SessionLimits,
  type SessionRow,
  touchSession,
} from '../storage/session.ts';
import type { CitizenCaller } from './caller.ts';
import { digestOf } from './digest.ts';
import type { Assurance } from './openid-login.ts';
import { parseScopes } from './scopes.ts';

/** Rule 13 of this room's README. Milliseconds. */
const LIMITS: SessionLimits = { idle: 15 * 60_000, life: 2 * 3_600_000 };
/** 256 bits, https://datatracker.ietf.org/doc/html/rfc4648#section-5 */
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** A citizen who is signed in, by what their browser holds. */
export type Session = SessionRow;

/** Begins a session, and ends the citizen's earlier one. Hold the citizen's lock. @returns what the browser is to hold */
export async function openSession(sql: Sql, citizen: { patientKey: Buffer; assurance: Assurance }): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await deleteIdleSessions(sql, LIMITS);
  await insertSession(sql, { ...citizen, digest: digestOf(token) });
  return token;
}

/** Whose session this is; nothing when it never was one or has ended. It lasts no longer for being looked at. */
export async function lookAtSession(sql: Sql, token: string | undefined): Promise<Session | undefined> {
  return isToken(token) ? findSession(sql, digestOf(token), LIMITS) : undefined;
}

/** The same, for who is at work: it is idle from now on. */
export async function useSession(sql: Sql, token: string | undefined): Promise<Session | undefined> {
  return isToken(token) ? touchSession(sql, digestOf(token), LIMITS) : undefined;
}

/** Ends a session. */
export async function endSession(sql: Sql, token: string): Promise<void> {
  await deleteSession(sql, digestOf(token));
}

/** Who signs in or out, as a caller: for that and nothing else. */
export function sessionCaller(patientKey: Buffer): CitizenCaller {
  return { role: 'citizen', patientKey, scopes: parseScopes(['patient/Session.cd']) };
}

function isToken(token: string | undefined): token is string {
  return token !== undefined && TOKEN.test(token);
}
