import type { Problem } from '../problem.ts';
import { recordRefusal } from './perform.ts';
import type { Register } from './register.ts';

/** How long refusals are counted before one record is written of them, in milliseconds. */
const GATHER = 10_000;

/**
 * What was refused before anybody asked who sent it, because too much came from one address, or at once. A record for each would be what
 * the flood needs to fill the log, and says nothing of anybody: there is one for all of some seconds, with their number.
 */
export class Flood {
  readonly #register: Register;
  readonly #refusal: () => Problem;
  #count = 0;
  #requestId = '';
  #timer: NodeJS.Timeout | undefined;

  /** @param refusal what each of them was told */
  constructor(register: Register, refusal: () => Problem) {
    this.#register = register;
    this.#refusal = refusal;
  }

  /** @param requestId of the request that was refused; the record names the last one */
  count(requestId: string): void {
    this.#count += 1;
    this.#requestId = requestId;
    this.#timer ??= setTimeout(() => void this.record(), GATHER).unref();
  }

  /** Writes the record of what has been counted. What cannot be recorded is counted with what comes next. */
  async record(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const count = this.#count;
    if (count === 0) return;
    this.#count = 0;
    const refused = this.#refusal();
    const access = { target: 'unknown', requestId: this.#requestId } as const;
    const written = await recordRefusal(this.#register, access, refused, { count });
    if (written !== refused) this.#count += count;
  }
}
