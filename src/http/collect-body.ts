import type { Readable } from 'node:stream';
import { problem } from '../problem.ts';

/** What a body may be at most, once it is decompressed. */
export interface BodyLimits {
  /** Bytes. */
  readonly size: number;
  /** Until it is there, in milliseconds. */
  readonly arrival: number;
}

/**
 * Everything a stream has to say, as one piece. Stops listening, without ending the stream, as soon as it is too much or
 * too late.
 * @throws Problem too-large or too-slow; what the stream fails with; Error when it breaks off
 */
export function collectBody(stream: Readable, { size, arrival }: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const timer = setTimeout(() => fail(problem('too-slow', 'body-too-slow', 'The body took too long.')), arrival);
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length > size) fail(tooLarge());
      else chunks.push(chunk);
    };
    const finish = (): void => {
      clearTimeout(timer);
      stream.off('data', take).off('end', succeed).off('close', breakOff);
    };
    const succeed = (): void => {
      finish();
      resolve(Buffer.concat(chunks, length));
    };
    const fail = (error: Error): void => {
      finish();
      // The stream may stay for a while, and what listens to it with it.
      chunks.length = 0;
      reject(error);
    };
    const breakOff = (): void => fail(new Error('the body broke off'));
    stream.on('data', take).on('end', succeed).on('error', fail).on('close', breakOff);
  });
}

/** @returns Problem too-large */
export function tooLarge() {
  return problem('too-large', 'body-too-large', 'The body is too large.');
}
