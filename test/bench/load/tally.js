import { performance } from 'node:perf_hooks';
import { percentile } from '../report.js';
import { bodyOf, statusOf } from './lean-socket.js';

/** One answer in so many is read and compared with what it should say. */
const LOOK_AT_EACH = 100;
/** More answers in a second than anything here gives. */
const MOST_PER_SECOND = 60_000;

function isAsExpected(expected, body) {
  try {
    return expected(JSON.parse(body));
  } catch {
    return false;
  }
}

/** What became of the requests of one measurement. */
export class Tally {
  #times;
  #count = 0;
  #start = performance.now();
  #last = this.#start;
  #errors = 0;
  #looked = 0;
  #wrong = 0;

  constructor(seconds) {
    this.#times = new Float64Array(Math.ceil(seconds * MOST_PER_SECOND));
  }

  /** An answer to a request that was, or should have been, sent at this moment. */
  answered({ expected }, since, answer) {
    this.#last = performance.now();
    this.#times[this.#count] = this.#last - since;
    this.#count += 1;
    if (statusOf(answer) !== 200) this.#errors += 1;
    else if (expected !== undefined && this.#count % LOOK_AT_EACH === 1) this.#compare(expected, bodyOf(answer));
  }

  /** Requests that were never answered. */
  lost(count) {
    this.#errors += count;
  }

  #compare(expected, body) {
    this.#looked += 1;
    if (!isAsExpected(expected, body)) this.#wrong += 1;
  }

  /** Milliseconds; `wrong` answers are errors too. */
  result() {
    const times = this.#times.subarray(0, this.#count).sort();
    return {
      requestsPerSecond: Math.round((this.#count / (this.#last - this.#start)) * 1000),
      p50: percentile(times, 0.5),
      p95: percentile(times, 0.95),
      p99: percentile(times, 0.99),
      requests: this.#count,
      errors: this.#errors + this.#wrong,
      looked: this.#looked,
      wrong: this.#wrong,
    };
  }
}
