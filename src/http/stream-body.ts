import { PassThrough, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { problem } from '../problem.ts';
import { type Arrived, headerOf, type Reply } from './step.ts';

/** How much is taken from a fast sender before it has to wait, in bytes. */
const AHEAD = 256 * 1024;

const DECODERS: ReadonlyMap<string, () => Transform> = new Map([
  ['gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
  ['br', () => createBrotliDecompress()],
]);

/**
 * The body as it arrives, decompressed; the sender waits while nobody reads. What is left when the answer has been sent is
 * thrown away.
 * @param idle how long a sender, or a reader, may do nothing, in milliseconds
 * @throws Problem media-type for a content encoding that is not read
 */
export function openStream(request: Arrived, response: Reply, idle: number): AsyncIterable<Buffer> {
  const decoder = decoderOf(headerOf(request, 'content-encoding'));
  request.setTimeout(idle, () => request.destroy());
  response.once('finish', () => {
    throwAwayRest(request);
    decoder?.destroy();
  });
  request.on('error', () => undefined);
  const ahead = new PassThrough({ highWaterMark: AHEAD });
  const stream = decoder === undefined ? connect(request, ahead) : connect(connect(request, decoder), ahead);
  return stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

/** What decompresses a body, if anything must. @throws Problem media-type for an encoding that is not read */
export function decoderOf(encoding = 'identity'): Transform | undefined {
  const name = encoding.trim().toLowerCase();
  if (name === 'identity') return undefined;
  const create = DECODERS.get(name);
  if (create === undefined) throw problem('media-type', 'encoding-unsupported', 'This content encoding is not read.');
  return create();
}

/** As `pipe`, with the end of a source that breaks; but whoever stops reading leaves the source, and the answer, alone. */
export function connect<Target extends Transform>(source: Readable, target: Target): Target {
  source.once('close', () => {
    if (!source.readableEnded) target.destroy(source.errored ?? new Error('the body broke off'));
  });
  // Whoever reads is told; nobody may be reading.
  target.on('error', () => undefined);
  return source.pipe(target);
}

/** Reads on without keeping anything, so that the sender is not cut off before it has read the answer. */
export function throwAwayRest(request: Arrived): void {
  if (request.complete) return;
  request.unpipe();
  request.resume();
}
