import { problem } from '../problem.ts';
import type { Problem } from '../problem.ts';
import { MAX_DEPTH, MAX_VALUES } from './limits.ts';
import { hasRefusedCharacter } from './text.ts';

/** Names through which a plain assignment could reach a prototype. */
const REFUSED_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
const ARRAY_OPENS = 0x5b;
const ARRAY_CLOSES = 0x5d;
const OBJECT_OPENS = 0x7b;
const OBJECT_CLOSES = 0x7d;

/** Where the scanner stands. `keys` has one entry per open container: its keys so far, or `undefined` for an array. */
interface Scan {
  readonly text: string;
  readonly keys: (Set<string> | undefined)[];
  at: number;
  values: number;
  keyComes: boolean;
}

/**
 * Reads a JSON text (RFC 8259) as strictly as a register of consents needs it. On top of the grammar it refuses
 * a key given twice in one object, more than 32 levels, more than 100,000 values, the keys `__proto__`,
 * `constructor` and `prototype`, control characters and lone surrogates (raw or escaped), and numbers too large to keep.
 * What it accepts equals what `JSON.parse` gives. Uses no recursion. The size of the text is limited by `http`.
 *
 * @throws Problem `malformed` with code `json-syntax`, `json-duplicate-key`, `json-depth`, `json-size`, `json-key`,
 *   `json-character` or `json-number`; its text names no position and no value.
 */
export function parseStrictJson(text: string): unknown {
  if (hasRefusedCharacter(text)) throw refusedCharacter();
  refuseDangers(text);
  return parse(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the text, so it is not kept as the cause.
    throw problem('malformed', 'json-syntax', 'The body is not well-formed JSON.');
  }
}

/** Runs before the parser, so that depth and size are limited before anything is built; the grammar is the parser's. */
function refuseDangers(text: string): void {
  const scan: Scan = { text, keys: [], at: 0, values: 1, keyComes: false };
  while (scan.at < text.length) step(scan);
}

function step(scan: Scan): void {
  const character = scan.text.charCodeAt(scan.at);
  if (character === QUOTE) readString(scan);
  else if (character === MINUS || (character >= DIGIT_0 && character <= DIGIT_9)) readNumber(scan);
  else readMark(scan, character);
}

function readMark(scan: Scan, character: number): void {
  if (character === OBJECT_OPENS || character === ARRAY_OPENS) open(scan, character === OBJECT_OPENS);
  else if (character === OBJECT_CLOSES || character === ARRAY_CLOSES) close(scan);
  else if (character === COMMA) next(scan);
  scan.at += 1;
}

function open(scan: Scan, isObject: boolean): void {
  scan.keys.push(isObject ? new Set() : undefined);
  if (scan.keys.length > MAX_DEPTH) throw problem('malformed', 'json-depth', 'The body is nested more than 32 levels.');
  count(scan);
  scan.keyComes = isObject;
}

function close(scan: Scan): void {
  scan.keys.pop();
  scan.keyComes = false;
}

function next(scan: Scan): void {
  count(scan);
  scan.keyComes = scan.keys.at(-1) !== undefined;
}

function count(scan: Scan): void {
  scan.values += 1;
  if (scan.values > MAX_VALUES) throw problem('malformed', 'json-size', 'The body holds more than 100,000 values.');
}

function readString(scan: Scan): void {
  const start = scan.at;
  const end = endOfString(scan.text, start);
  const raw = scan.text.slice(start, end);
  const value = raw.includes('\\') ? unescape(raw) : raw.slice(1, -1);
  if (scan.keyComes) noteKey(scan, value);
  scan.keyComes = false;
  scan.at = end;
}

function endOfString(text: string, start: number): number {
  const end = text.indexOf('"', start + 1);
  if (end > 0 && text.charCodeAt(end - 1) !== BACKSLASH) return end + 1;
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

function unescape(raw: string): string {
  const value = String(parse(raw));
  if (hasRefusedCharacter(value)) throw refusedCharacter();
  return value;
}

function noteKey(scan: Scan, key: string): void {
  if (REFUSED_KEYS.has(key)) throw problem('malformed', 'json-key', 'The body uses a key that is not allowed.');
  const keys = scan.keys.at(-1);
  if (keys?.has(key)) throw problem('malformed', 'json-duplicate-key', 'The body gives one key twice in one object.');
  keys?.add(key);
}

function readNumber(scan: Scan): void {
  const start = scan.at;
  while (isNumberPart(scan.text.charCodeAt(scan.at))) scan.at += 1;
  if (!Number.isFinite(Number(scan.text.slice(start, scan.at)))) {
    throw problem('malformed', 'json-number', 'The body holds a number that is too large.');
  }
}

/** Digits, `-`, `+`, `.`, `e` and `E`. */
function isNumberPart(character: number): boolean {
  if (character >= DIGIT_0 && character <= DIGIT_9) return true;
  return character === MINUS || character === 0x2b || character === 0x2e || character === 0x65 || character === 0x45;
}

function refusedCharacter(): Problem {
  return problem('malformed', 'json-character', 'The body holds a character that FHIR strings may not hold.');
}
