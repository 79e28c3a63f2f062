import type { Problem } from '../problem.ts';
import { problem } from '../problem.ts';

/** Longest line that is read, in bytes. */
const LONGEST_LINE = 64 * 1024;
const NEWLINE = 0x0a;

/** A line of text, or why it cannot be read. */
export type Line = { readonly text: string } | { readonly problem: Problem };

/** What has come of a line of which the end has not. */
interface Open {
  parts: Buffer[];
  size: number;
}

/**
 * Splits a stream into lines (LF or CRLF, the last one with or without), those that arrived together at once. Lines without
 * text are left out; one that is too long is not kept. A stream that breaks off ends with a line that says so.
 */
export async function* readLines(stream: AsyncIterable<Buffer>): AsyncGenerator<readonly Line[]> {
  const open: Open = { parts: [], size: 0 };
  try {
    for await (const buffer of stream) yield splitLines(open, buffer);
  } catch (cause) {
    yield [
      { problem: problem('malformed', 'body-unreadable', 'The body cannot be read to its end.', undefined, cause) },
    ];
    return;
  }
  yield endLine(open);
}

function splitLines(open: Open, buffer: Buffer): readonly Line[] {
  const lines: Line[] = [];
  let start = 0;
  for (let end = buffer.indexOf(NEWLINE); end >= 0; end = buffer.indexOf(NEWLINE, start)) {
    add(open, buffer.subarray(start, end));
    lines.push(...endLine(open));
    start = end + 1;
  }
  add(open, buffer.subarray(start));
  return lines;
}

function add(open: Open, part: Buffer): void {
  open.size += part.length;
  if (open.size > LONGEST_LINE) open.parts = [];
  else open.parts.push(part);
}

/** The line that ends here; none when there is no text in it. */
function endLine(open: Open): readonly Line[] {
  const { parts, size } = open;
  open.parts = [];
  open.size = 0;
  if (size > LONGEST_LINE)
    return [{ problem: problem('too-large', 'line-too-long', 'The line is longer than 64 kB.') }];
  const line = decode(Buffer.concat(parts));
  return 'text' in line && line.text.trim() === '' ? [] : [line];
}

function decode(bytes: Buffer): Line {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (cause) {
    return { problem: problem('malformed', 'not-utf-8', 'The line is not valid UTF-8.', undefined, cause) };
  }
}
