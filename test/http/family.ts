import { randomInt } from 'node:crypto';
import type { Bundle, Consent, Parameters, ParametersParameter, Patient, Resource } from '@medplum/fhirtypes';
import { findPatients, PATIENT } from '../../src/storage/patient.ts';
import { updateResource } from '../../src/storage/versioned.ts';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { entriesOf, partsOf, verdict } from './answers.ts';
import { freshBsn, GP, PHARMACY } from './people.ts';
import { type Asked, choice, parameters, question } from './questions.ts';
import { BSN_SYSTEM, patient } from './resources.ts';

const AMSTERDAM = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Amsterdam', dateStyle: 'short' });

/** The birth date of somebody who is so many years old today in Amsterdam, or will be so many days later. */
export function bornYearsAgo(years: number, daysLater = 0): string {
  const [year = '', month = '', day = ''] = AMSTERDAM.format(Date.now() + daysLater * 86_400_000).split('-');
  return [String(Number(year) - years), month, day].join('-');
}

/** A citizen nobody knew, with a Patient of their own; without a birth date, nobody has said it yet. */
export async function citizenBorn(server: TestServer, birthDate: string | undefined): Promise<string> {
  const bsn = freshBsn();
  const answer = await server.fhir('/Patient', { as: `citizen:${bsn}`, body: patient(bsn, { birthDate }) });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return bsn;
}

export const child = (server: TestServer) => citizenBorn(server, bornYearsAgo(14));
export const parent = (server: TestServer) => citizenBorn(server, bornYearsAgo(41));

/** Says in the settings how old the citizen is. */
export async function sayAge(server: TestServer, bsn: string, ageGroup: string): Promise<void> {
  const body = parameters([{ name: 'ageGroup', valueCode: ageGroup }]);
  const answer = await server.fhir('/Patient/$settings', { as: `citizen:${bsn}`, body });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** What is said about one pair of places; what is left out is GPs to pharmacies. */
export interface Said {
  readonly holderCategory?: string;
  readonly requesterCategory?: string;
}

/** The parts of one answer of `$choose`. */
export function said(decision: string, { holderCategory = 'HA', requesterCategory = 'RPZAC005' }: Said = {}): object[] {
  return [
    { name: 'holderCategory', valueCode: holderCategory },
    { name: 'requesterCategory', valueCode: requesterCategory },
    { name: 'decision', valueCode: decision },
  ];
}

/** Chooses as the citizen, and it must be recorded. */
export async function choose(
  server: TestServer,
  bsn: string,
  ...answers: readonly object[][] | ['all'] | ['none']
): Promise<Consent[]> {
  const [first] = answers;
  const body = typeof first === 'string' ? choice(bsn, first) : choice(bsn, 'certain', answers);
  const { status, body: found } = await server.fhir<Bundle<Consent>>('/Consent/$choose', {
    as: `citizen:${bsn}`,
    body,
  });
  if (status !== 200) throw new Error(JSON.stringify(found));
  return (found.entry ?? []).flatMap(({ resource }) => resource ?? []);
}

export function askCode(server: TestServer, bsn: string): Promise<Answer<Parameters>> {
  return server.fhir<Parameters>('/Consent/$pairing-code', { as: `citizen:${bsn}`, body: parameters([]) });
}

/** The code on the child's screen, and it must be there. */
export async function codeOf(server: TestServer, bsn: string): Promise<string> {
  const answer = await askCode(server, bsn);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return partsOf(answer)['code']?.valueString ?? '';
}

export function review(server: TestServer, bsn: string, code: string): Promise<Answer<Parameters>> {
  const body = parameters([{ name: 'code', valueString: code }]);
  return server.fhir<Parameters>('/Consent/$review', { as: `citizen:${bsn}`, body });
}

export type Decision = 'confirm' | 'reject';

export function decide(
  server: TestServer,
  bsn: string,
  code: string,
  decision: Decision = 'confirm',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer<Parameters>> {
  const body = parameters([
    { name: 'code', valueString: code },
    { name: 'decision', valueCode: decision },
  ]);
  return server.fhir<Parameters>('/Consent/$confirm', { as: `citizen:${bsn}`, body, headers });
}

/** Has a parent decide about what the child proposes now, and it must be written. */
export async function settle(
  server: TestServer,
  children: string,
  by: string,
  decision: Decision = 'confirm',
): Promise<void> {
  const answer = await decide(server, by, await codeOf(server, children), decision);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** Whether the GP practice may share with the pharmacy, or what else is asked: `permit consent-given`. */
export async function decided(server: TestServer, bsn: string, asked: Asked = {}): Promise<string> {
  const body = question(bsn, { holder: GP, requester: PHARMACY, ...asked });
  const { decision, reason } = partsOf(await server.fhir('/Consent/$check', { as: 'exchange', body }));
  return `${decision?.valueCode ?? ''} ${reason?.valueCoding?.code ?? ''}`;
}

/** A parent's review in words, one line an answer: `HA RPZAC005 permit new`. */
export function proposed({ body }: Answer<Parameters>): string[] {
  return (body.parameter ?? []).filter(({ name }) => name === 'answer').map(({ part = [] }) => inWords(part));
}

function inWords(parts: readonly ParametersParameter[]): string {
  const {
    holderPlace,
    requesterPlace,
    decision,
    new: isNew,
  } = partsOf({
    status: 200,
    headers: new Headers(),
    body: { resourceType: 'Parameters', parameter: parts },
  });
  const places = [holderPlace, requesterPlace].map((one) => one?.valueIdentifier?.value);
  return [...places, decision?.valueCode, isNew?.valueBoolean === true ? 'new' : 'as before'].join(' ');
}

/** Every Consent of the citizen, as the citizen sees it, the first chosen first. */
export async function consentsOf(server: TestServer, bsn: string): Promise<(Consent & { id: string })[]> {
  const found = await searchOwn<Consent & { id: string }>(server, bsn, 'Consent', 'patient.identifier');
  return found.sort((one, other) => (one.dateTime ?? '').localeCompare(other.dateTime ?? ''));
}

/** Literal reference to the citizen's Patient. */
export async function patientOf(server: TestServer, bsn: string): Promise<string> {
  const [found] = await searchOwn<Patient & { id: string }>(server, bsn, 'Patient', 'identifier');
  return `Patient/${found?.id ?? ''}`;
}

async function searchOwn<T extends Resource>(
  server: TestServer,
  bsn: string,
  type: T['resourceType'],
  parameter: string,
): Promise<T[]> {
  const answer = await server.fhir(`/${type}/_search`, {
    as: `citizen:${bsn}`,
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ [parameter]: `${BSN_SYSTEM}|${bsn}` }).toString(),
  });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return entriesOf<T>(answer);
}

/** Lets time pass: a birth date, once given, is fixed for everyone, so the register is changed beneath the server. */
export async function turnSixteen(server: TestServer, bsn: string): Promise<void> {
  const { database, vault } = server.server.register;
  const [row] = await findPatients(database, [vault.keyOf(bsn)]);
  const content = { ...row?.content, birthDate: bornYearsAgo(16) };
  const version = { id: row?.id ?? '', recordedAt: Date.now(), content, search: {}, method: 'update' } as const;
  await updateResource(database, PATIENT, version, []);
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A code that may be anybody's. */
export function randomCode(): string {
  return Array.from({ length: 8 }, () => ALPHABET.charAt(randomInt(32))).join('');
}

/** The code with another letter at this place: the first four find it, the last four prove it. */
export function changed(code: string, at: number): string {
  const other = ALPHABET.charAt((ALPHABET.indexOf(code.charAt(at)) + 1 + randomInt(31)) % 32);
  return code.slice(0, at) + other + code.slice(at + 1);
}

/** A child who proposes a yes, and the code on its screen. */
export async function proposing(server: TestServer): Promise<{ readonly child: string; readonly code: string }> {
  const bsn = await child(server);
  await choose(server, bsn, said('permit'));
  return { child: bsn, code: await codeOf(server, bsn) };
}

let firstRefusal: string | undefined;

/** A code is refused for many reasons, and each answer must be the same as the first, to the last letter. */
export function expectRefused(answer: Answer<unknown>): void {
  const refusal = JSON.stringify([answer.status, answer.body]);
  firstRefusal ??= refusal;
  expect(verdict(answer)).toBe('422 code-refused');
  expect(refusal).toBe(firstRefusal);
}
