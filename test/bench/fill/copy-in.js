import { Buffer } from 'node:buffer';
import { once } from 'node:events';

const CHUNK = 64 * 1024;

/** A value as it stands in text that is copied in: https://www.postgresql.org/docs/current/sql-copy.html */
function written(value) {
  if (value === null) return '\\N';
  if (Buffer.isBuffer(value)) return `\\\\x${value.toString('hex')}`;
  return String(value).replace(
    /[\\\n\r\t]/g,
    (sign) => ({ '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' })[sign],
  );
}

/** A COPY, in the form that pg takes for a query. */
class CopyIn {
  #rows;
  #text;
  #settle;

  constructor(text, rows, settle) {
    this.#text = text;
    this.#rows = rows;
    this.#settle = settle;
  }

  submit(connection) {
    connection.query(this.#text);
  }

  async handleCopyInResponse(connection) {
    try {
      for (const chunk of this.#chunks()) {
        connection.sendCopyFromChunk(chunk);
        if (connection.stream.writableNeedDrain) await once(connection.stream, 'drain');
      }
      connection.endCopyFrom();
    } catch (error) {
      connection.sendCopyFail(error.message);
    }
  }

  *#chunks() {
    let text = '';
    for (const row of this.#rows) {
      text += `${row.map(written).join('\t')}\n`;
      if (text.length < CHUNK) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text);
  }

  handleCommandComplete() {
    this.#settle.done = true;
  }

  handleReadyForQuery() {
    if (this.#settle.done) this.#settle.resolve();
  }

  handleError(error) {
    this.#settle.reject(error);
  }
}

/** Copies rows, lists of values, into a table over a connection of pg; they are asked for no faster than they are taken. */
export function copyIn(client, table, rows) {
  return new Promise((resolve, reject) => {
    client.query(new CopyIn(`copy ${table} from stdin`, rows, { resolve, reject }));
  });
}
