import winston from 'winston';

/** Structured log, one JSON line per event on stderr. Never give it a BSN, name, token, URL query or body. */
export type Log = Pick<winston.Logger, 'error' | 'warn' | 'info' | 'debug'>;

/** Where winston keeps the text of a line. */
const MESSAGE = Symbol.for('message');
/** What JSON leaves as it is and a reader of the log might obey: controls of terminals, ends of lines, turns of direction. */
const OBEYED = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const escaped = winston.format((info) => {
  const line = info[MESSAGE];
  return typeof line === 'string' ? { ...info, [MESSAGE]: line.replaceAll(OBEYED, asEscape) } : info;
});

export function createLog(level: string): Log {
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json(), escaped()),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}

function asEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
