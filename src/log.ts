import winston from 'winston';

/** Structured log, one JSON line per event on stderr. Never give it a BSN, name, token, URL query or body. */
export type Log = Pick<winston.Logger, 'error' | 'warn' | 'info' | 'debug'>;

export function createLog(level: string): Log {
  return winston.createLogger({
    level,
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console({ stderrLevels: ['error', 'warn', 'info', 'debug'] })],
  });
}
