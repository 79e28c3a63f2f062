import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { type Lane, LANES, laneOf } from '../../src/http/lane.ts';
import { Lanes } from '../../src/http/lanes.ts';

const PLACES = { urgent: 5, emergency: 4, prompt: 3, ordinary: 2, bulk: 1 };
const lanesWith = (more: { readonly waiting?: number; readonly patience?: number } = {}) =>
  new Lanes({ places: PLACES, waiting: 100, patience: 60_000, streams: 1, ...more });

/** Work that goes on until it is told to end. */
function held() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { work: () => ended, end: () => end() };
}

const turn = () => new Promise(setImmediate);
const countsOf = (lanes: Lanes) => LANES.map((lane) => lanes.count(lane));
const EMPTY = LANES.map(() => ({ working: 0, waiting: 0 }));
const BUSY = { kind: 'unavailable', issues: [{ code: 'too-busy' }] };

describe('a request has its lane', () => {
  it.each([
    ['Consent.check', 1000, 'urgent'],
    ['Consent.check', 20_000, 'bulk'],
    ['Consent.grant-emergency', 1000, 'emergency'],
    ['Consent.locate', 1000, 'prompt'],
    ['Consent.choose', 100_000, 'prompt'],
    ['Consent.update', 1000, 'prompt'],
    ['Consent.search', 0, 'ordinary'],
    ['AuditEvent.search', 0, 'ordinary'],
    ['Consent.migrate', 0, 'bulk'],
    ['batch', 1000, 'bulk'],
  ] as const)('%s of %i bytes: %s', (target, size, lane) => {
    expect(laneOf(target, size)).toBe(lane);
  });
});

describe('lanes', () => {
  it('let lower work take some places only, and what is urgent always finds one', async () => {
    const lanes = lanesWith();
    const works = LANES.toReversed().flatMap((lane) => Array.from({ length: 6 }, () => ({ lane, ...held() })));
    const all = works.map(({ lane, work }) => lanes.take(lane, work));
    expect(countsOf(lanes).map(({ working }) => working)).toEqual([1, 1, 1, 1, 1]);
    for (const { end } of works) end();
    await Promise.all(all);
    expect(countsOf(lanes)).toEqual(EMPTY);
  });

  it('let the first lane go first, and in a lane who came first', async () => {
    const lanes = lanesWith();
    const holders = [1, 2, 3, 4, 5].map(() => held());
    const holding = holders.map(({ work }) => lanes.take('urgent', work));
    const order: string[] = [];
    const wanted: Lane[] = ['bulk', 'ordinary', 'urgent', 'prompt', 'urgent'];
    const waiting = wanted.map((lane, index) =>
      lanes.take(lane, () => Promise.resolve(void order.push(`${lane} ${index}`))),
    );
    await turn();
    expect(order).toEqual([]);
    for (const { end } of holders) end();
    await Promise.all([...holding, ...waiting]);
    expect(order.filter((one) => one.startsWith('urgent'))).toEqual(['urgent 2', 'urgent 4']);
    expect(order[0]).toBe('urgent 2');
    expect(order.at(-1)).toBe('bulk 0');
  });

  it('send away at once who finds too many waiting, and in another lane nobody', async () => {
    const lanes = lanesWith({ waiting: 2 });
    const { work, end } = held();
    const all = [1, 2, 3].map(() => lanes.take('bulk', work));
    await expect(lanes.take('bulk', work)).rejects.toMatchObject(BUSY);
    await expect(lanes.take('urgent', () => Promise.resolve('done'))).resolves.toBe('done');
    end();
    await Promise.all(all);
  });

  it('send away who waits too long, and who has gone; nothing is done for them', async () => {
    const lanes = lanesWith({ patience: 30 });
    const { work, end } = held();
    const holding = lanes.take('bulk', work);
    const done: string[] = [];
    await expect(lanes.take('bulk', () => Promise.resolve(void done.push('late')))).rejects.toMatchObject(BUSY);
    const leaving = new EventEmitter();
    const gone = lanes.take('bulk', () => Promise.resolve(void done.push('gone')), { leaving });
    leaving.emit('close');
    await expect(gone).rejects.toMatchObject(BUSY);
    const begun = lanes.take('bulk', () => Promise.resolve(void done.push('begun')), { begun: true });
    await new Promise((resolve) => setTimeout(resolve, 60));
    end();
    await Promise.all([holding, begun]);
    expect([done, leaving.listenerCount('close'), countsOf(lanes)]).toEqual([['begun'], 0, EMPTY]);
  });

  it('never have more at work than places, and none when all is over, whatever becomes of the work', async () => {
    const task = fc.record({
      lane: fc.constantFrom(...LANES),
      turns: fc.nat(5),
      fate: fc.constantFrom('ends', 'fails', 'throws', 'leaves' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 40 }), async (tasks) => {
        const lanes = lanesWith({ waiting: 10 });
        let most = 0;
        const all = tasks.map(({ lane, turns, fate }) => {
          const leaving = new EventEmitter();
          const taken = lanes.take(
            lane,
            async () => {
              most = Math.max(most, ...excess(lanes));
              if (fate === 'throws') throw new Error('at once');
              for (let count = 0; count < turns; count += 1) await turn();
              if (fate === 'fails') throw new Error('later');
            },
            { leaving },
          );
          if (fate === 'leaves') leaving.emit('close');
          return taken;
        });
        await Promise.allSettled(all);
        expect([most <= 0, countsOf(lanes)]).toEqual([true, EMPTY]);
      }),
      { numRuns: 200 },
    );
  });
});

/** By how much each lane, with those after it, goes beyond its places. */
function excess(lanes: Lanes): number[] {
  return LANES.map((lane, index) => {
    const working = LANES.slice(index).reduce((sum, one) => sum + lanes.count(one).working, 0);
    return working - PLACES[lane];
  });
}
