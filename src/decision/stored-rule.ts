import type { Answer, ConsentProfile, ConsentVersion, EmergencyGrant, Place } from './consent-profile.ts';
import { LONGEST_GRANT } from './emergency.ts';
import type { Instant } from './question.ts';

/** A place as stored text: `c:HA` for a category, `o:00000659` for an organisation. */
export type PlaceText = `c:${string}` | `o:${string}`;

/**
 * The compact form in which a Consent's rule is stored beside the resource.
 * With `grant` it is an emergency grant: `holder` is `all` or a list of organisations, `authority` is `citizen`,
 * `pending` is false, and `answers` is exactly one permit to the organisation that recorded it.
 * Without `grant` it holds answers: `holder` is one place, and each requester place stands in `answers` at most once.
 */
export interface StoredRule {
  readonly v: 1;
  readonly holder: PlaceText | readonly PlaceText[] | 'all';
  readonly category: string;
  readonly authority: Answer['authority'];
  readonly pending: boolean;
  readonly answers: readonly (readonly [PlaceText, Answer['decision']])[];
  /** In force from `start` up to but not including `end`, in milliseconds since 1970. */
  readonly grant?: { readonly start: Instant; readonly end: Instant; readonly agreed: boolean };
}

/** A stored rule as it comes back, not yet trusted to be a StoredRule. */
export interface StoredRow {
  readonly source: ConsentVersion;
  readonly recordedAt: Instant;
  readonly rule: unknown;
}

/** What a stored rule says, whichever Consent it is of. */
export interface Rule {
  readonly answers: readonly Omit<Answer, 'recordedAt' | 'source'>[];
  readonly grants: readonly Omit<EmergencyGrant, 'source'>[];
}

/** A rule that has been read, or could not be, with the Consent it is of. */
export interface ReadRow extends Omit<StoredRow, 'rule'> {
  readonly rule: Rule | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const ANSWER_FIELDS = ['v', 'holder', 'category', 'authority', 'pending', 'answers'];
const GRANT_FIELDS = [...ANSWER_FIELDS, 'grant'];
const CODE = /^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/;
const URA = /^[0-9]{8}$/;

/** The place as stored text. */
export function placeText(place: Place): PlaceText {
  return place.kind === 'category' ? `c:${place.code}` : `o:${place.ura}`;
}

/** The place a text names, or undefined when it is not exactly the form that `placeText` writes. */
export function readPlace(text: unknown): Place | undefined {
  if (typeof text !== 'string') return undefined;
  const name = text.slice(2);
  if (text.startsWith('c:') && CODE.test(name)) return { kind: 'category', code: name };
  return text.startsWith('o:') && URA.test(name) ? { kind: 'organisation', ura: name } : undefined;
}

/** Reads every row. One that is not understood completely becomes `unreadable` (rule 14); never throws, skips none. */
export function readProfile(rows: readonly StoredRow[]): ConsentProfile {
  return profileOf(rows.map((row) => ({ ...row, rule: readRule(row.rule) })));
}

/** The profile that rules make together; each of them that could not be read is `unreadable`. */
export function profileOf(rows: readonly ReadRow[]): ConsentProfile {
  const answers: Answer[] = [];
  const grants: EmergencyGrant[] = [];
  const unreadable: ConsentVersion[] = [];
  for (const { source, recordedAt, rule } of rows) {
    if (rule === undefined || !Number.isSafeInteger(recordedAt)) unreadable.push(source);
    else {
      // Field by field, which takes a tenth of the time: there are tens of answers in most profiles.
      for (const { holder, requester, decision, dataCategory, authority, pending } of rule.answers) {
        answers.push({ holder, requester, decision, dataCategory, authority, pending, recordedAt, source });
      }
      for (const grant of rule.grants) grants.push({ ...grant, source });
    }
  }
  return { answers, grants, unreadable };
}

/** What a stored rule says; undefined when it is not understood completely (rule 14). Never throws. */
export function readRule(rule: unknown): Rule | undefined {
  if (!isObject(rule) || rule['v'] !== 1) return undefined;
  if (hasExactly(rule, ANSWER_FIELDS)) return readAnswerRule(rule);
  return hasExactly(rule, GRANT_FIELDS) ? readGrantRule(rule) : undefined;
}

function readAnswerRule(rule: Fields): Rule | undefined {
  const { pending } = rule;
  const holder = readPlace(rule['holder']);
  const dataCategory = readCode(rule['category']);
  const authority = readWord(['citizen', 'migrated'] as const, rule['authority']);
  const given = readList(readGiven, rule['answers']);
  if (!holder || !dataCategory || !authority || typeof pending !== 'boolean' || !given) return undefined;
  if (!areDifferent(given.map(({ requester }) => requester))) return undefined;
  const answers = given.map(({ requester, decision }) => {
    return { holder, requester, decision, dataCategory, authority, pending };
  });
  return { answers, grants: [] };
}

function readGrantRule(rule: Fields): Rule | undefined {
  const holders = rule['holder'] === 'all' ? 'all' : readHolders(rule['holder']);
  const dataCategory = readCode(rule['category']);
  const requesterUra = readGrantee(rule['answers']);
  const term = readTerm(rule['grant']);
  if (rule['authority'] !== 'citizen' || rule['pending'] !== false) return undefined;
  if (!holders || !dataCategory || !requesterUra || !term) return undefined;
  return { answers: [], grants: [{ requesterUra, holders, dataCategory, ...term }] };
}

function readHolders(value: unknown): readonly string[] | undefined {
  const holders = readList(readOrganisation, value);
  return holders?.length === 0 ? undefined : holders;
}

function readGrantee(value: unknown): string | undefined {
  const [only, ...others] = readList(readGiven, value) ?? [];
  if (only?.decision !== 'permit' || others.length > 0) return undefined;
  return only.requester.kind === 'organisation' ? only.requester.ura : undefined;
}

function readTerm(value: unknown): Pick<EmergencyGrant, 'start' | 'end' | 'agreed'> | undefined {
  if (!isObject(value) || !hasExactly(value, ['start', 'end', 'agreed'])) return undefined;
  const { start, end, agreed } = value;
  if (!isInstant(start) || !isInstant(end) || typeof agreed !== 'boolean') return undefined;
  return start < end && end - start <= LONGEST_GRANT ? { start, end, agreed } : undefined;
}

function readGiven(value: unknown): Pick<Answer, 'requester' | 'decision'> | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const requester = readPlace(value[0]);
  const decision = readWord(['permit', 'deny'] as const, value[1]);
  return requester && decision ? { requester, decision } : undefined;
}

function readOrganisation(value: unknown): string | undefined {
  const place = readPlace(value);
  return place?.kind === 'organisation' ? place.ura : undefined;
}

function readCode(value: unknown): string | undefined {
  return typeof value === 'string' && CODE.test(value) ? value : undefined;
}

function readWord<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

/** A list is understood when each of its items is. */
function readList<T>(readItem: (value: unknown) => T | undefined, value: unknown): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map(readItem);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function areDifferent(places: readonly Place[]): boolean {
  return new Set(places.map(placeText)).size === places.length;
}

function isInstant(value: unknown): value is Instant {
  return Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasExactly(value: Fields, fields: readonly string[]): boolean {
  return Object.keys(value).length === fields.length && fields.every((field) => Object.hasOwn(value, field));
}
