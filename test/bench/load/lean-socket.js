import { Buffer } from 'node:buffer';
import { connect } from 'node:net';

const HEAD_END = '\r\n\r\n';
const LAST_CHUNK = '\r\n0\r\n\r\n';
const LENGTH = /\r\ncontent-length: *(\d+)/i;
/** Where the status stands: behind "HTTP/1.1 ". */
const STATUS_AT = 9;
const READ_SIZE = 64 * 1024;

/**
 * One connection that is kept, with one request on its way at a time. It knows of HTTP what it needs to see where an answer
 * ends: a length, or a last chunk.
 */
export class LeanSocket {
  #socket;
  #parts = [];
  #size = 0;
  /** Bytes of the answer under way, once its head says so. */
  #whole;
  #onAnswer;
  #onLost;

  /** Resolves when the connection stands. `onAnswer(socket, answer)` gets each answer; `onLost(socket)` an end that nobody asked for. */
  static async open({ host, port }, { onAnswer, onLost }) {
    const one = new LeanSocket();
    one.#onAnswer = onAnswer;
    one.#onLost = onLost;
    await new Promise((resolve, reject) => {
      const buffer = Buffer.allocUnsafe(READ_SIZE);
      const onread = { buffer, callback: (size, bytes) => void one.#read(bytes.subarray(0, size)) };
      one.#socket = connect({ host, port, noDelay: true, onread }, resolve).on('error', reject);
      one.#socket.on('close', () => one.#onLost?.(one));
    });
    return one;
  }

  send(bytes) {
    this.#socket.write(bytes);
  }

  close() {
    this.#onLost = undefined;
    this.#socket.destroy();
  }

  #read(bytes) {
    if (this.#size === 0 && this.#measure(bytes) === bytes.length) return this.#finish(bytes);
    // What is read next is written over what was read.
    this.#parts.push(Buffer.from(bytes));
    this.#size += bytes.length;
    const isKnown = this.#whole !== undefined;
    if (isKnown && this.#size < this.#whole) return;
    const all = Buffer.concat(this.#parts);
    if (isKnown || this.#measure(all) === all.length) this.#finish(all);
  }

  /** How long the answer that begins here is, as far as that can be told. */
  #measure(bytes) {
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd === -1) return undefined;
    const length = LENGTH.exec(bytes.latin1Slice(0, headEnd));
    if (length !== null) return (this.#whole = headEnd + HEAD_END.length + Number(length[1]));
    return bytes.indexOf(LAST_CHUNK, bytes.length - LAST_CHUNK.length) === -1 ? undefined : bytes.length;
  }

  #finish(bytes) {
    this.#parts = [];
    this.#size = 0;
    this.#whole = undefined;
    this.#onAnswer(this, bytes);
  }
}

/** The status of an answer. */
export function statusOf(answer) {
  return Number(answer.latin1Slice(STATUS_AT, STATUS_AT + 3));
}

/** The body of an answer that has a length. */
export function bodyOf(answer) {
  return answer.utf8Slice(answer.indexOf(HEAD_END) + HEAD_END.length);
}
