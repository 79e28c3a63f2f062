import { write, writeSync } from 'node:fs';

const STDERR = 2;
/** How long lines are gathered before they are written, in milliseconds: a write takes longer than a line. */
const GATHER = 20;
/** Most that waits for a reader, or a disk, that takes no more, in characters; what comes on top of it is lost. */
const MOST_WAITING = 1024 * 1024;

let waiting = '';
let isWriting = false;
let timer: NodeJS.Timeout | undefined;

/** Writes a line behind the back of whoever has it written: a disk that is full, or slow, holds nobody up and ends nothing. */
export function writeLine(line: string): void {
  if (waiting.length >= MOST_WAITING) return;
  waiting += line;
  if (!isWriting) timer ??= setTimeout(writeWaiting, GATHER);
}

function writeWaiting(): void {
  timer = undefined;
  const text = Buffer.from(waiting);
  waiting = '';
  isWriting = true;
  writeOn(text);
}

/** What cannot be written is lost, unless its reader is only slow. */
function writeOn(text: Buffer): void {
  write(STDERR, text, (error, length) => {
    const rest = error?.code === 'EAGAIN' ? text : text.subarray(error === null ? length : text.length);
    if (rest.length > 0) {
      setTimeout(() => writeOn(rest), GATHER);
      return;
    }
    isWriting = false;
    if (waiting !== '') timer ??= setTimeout(writeWaiting, GATHER);
  });
}

process.on('exit', () => {
  try {
    writeSync(STDERR, waiting);
  } catch {
    // Nobody is left to be told.
  }
});
