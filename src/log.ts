import { pino } from 'pino';
import { writeLine } from './stderr.ts';

type Write = (message: string, fields: object) => void;

/** Structured log, one JSON line per event on stderr. Never give it a BSN, name, token, URL query or body. */
export type Log = Readonly<Record<'error' | 'warn' | 'info' | 'debug', Write>>;

/** What JSON leaves as it is and a reader of the log might obey: controls of terminals, ends of lines, turns of direction. */
const OBEYED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

export function createLog(level: string): Log {
  const lines = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line) => writeLine(line.replaceAll(OBEYED, asEscape)) },
  );
  const writeAt =
    (label: keyof Log): Write =>
    (message, fields) =>
      lines[label](fields, message);
  return { error: writeAt('error'), warn: writeAt('warn'), info: writeAt('info'), debug: writeAt('debug') };
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
