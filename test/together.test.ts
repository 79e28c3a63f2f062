import { setImmediate as turn } from 'node:timers/promises';
import { problem } from '../src/problem.ts';
import { Together } from '../src/together.ts';

/** Work that says what it was given at once, and ends when it is told to. */
function stage(limits: { readonly most: number; readonly atOnce: number }) {
  const goes: string[][] = [];
  const ends: (() => void)[] = [];
  const sizes: string[] = [];
  let waiting = (): number => -1;
  const observer = {
    opened: (_name: string, count: () => number) => void (waiting = count),
    began: (name: string, size: number) => void sizes.push(`${name} ${size}`),
  };
  const together = new Together<string, string>(
    async (all) => {
      goes.push([...all]);
      await new Promise<void>((resolve) => ends.push(resolve));
      if (all.includes('gone'))
        throw problem('unavailable', 'database-unavailable', 'The register cannot be reached now.');
      if (all.includes('odd')) throw new Error('database error 22000');
      return all.map((one) => `${one}!`);
    },
    { ...limits, name: 'exclaim', observer },
  );
  const answers: string[] = [];
  const ask = (...all: string[]): void => {
    for (const one of all) {
      void together.ask(one).then(
        (answer) => answers.push(answer),
        () => answers.push(`${one}?`),
      );
    }
  };
  /** Ends goes, one after the other, until none is left. */
  const end = async (): Promise<void> => {
    for (let next = ends.shift(); next !== undefined; next = ends.shift()) {
      next();
      // What follows from it begins a turn later.
      await turn();
      await turn();
    }
  };
  return { goes, sizes, waiting: () => waiting(), answers, ask, end };
}

const NINE = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
/** More than it waits for. */
const MANY = Array.from({ length: 40 }, (_, index) => String(index));

describe('what comes together', () => {
  it('waits no longer than until all that has arrived was looked at', async () => {
    const { goes, ask } = stage({ most: 10, atOnce: 1 });
    ask('a');
    expect(goes).toEqual([]);
    await turn();
    expect(goes).toEqual([['a']]);
  });

  it('does not wait for that when there is enough: something else may arrive without end', () => {
    const { goes, ask } = stage({ most: 100, atOnce: 1 });
    ask(...MANY.slice(0, 31));
    expect(goes).toEqual([]);
    ask(...MANY.slice(31));
    expect(goes).toEqual([MANY.slice(0, 32)]);
  });

  it('is done together after what came before, each with its own answer, in its order', async () => {
    const { goes, answers, ask, end } = stage({ most: 10, atOnce: 1 });
    ask('a');
    await turn();
    ask('b', 'c');
    await end();
    expect(goes).toEqual([['a'], ['b', 'c']]);
    expect(answers).toEqual(['a!', 'b!', 'c!']);
  });

  it('is done in no more goes at once, and in none of more, than is said', async () => {
    const { goes, answers, ask, end } = stage({ most: 3, atOnce: 2 });
    ask('a');
    await turn();
    ask('b');
    await turn();
    ask(...NINE.slice(2));
    await turn();
    expect(goes).toEqual([['a'], ['b']]);
    await end();
    expect(goes).toEqual([['a'], ['b'], ['c', 'd', 'e'], ['f', 'g', 'h'], ['i']]);
    expect(answers.sort()).toEqual(NINE.map((one) => `${one}!`));
  });

  it('is told go by go, and how much of it waits', async () => {
    const { sizes, waiting, ask, end } = stage({ most: 3, atOnce: 1 });
    expect(waiting()).toBe(0);
    ask(...NINE.slice(0, 5));
    await turn();
    expect([sizes, waiting()]).toEqual([['exclaim 3'], 2]);
    await end();
    expect([sizes, waiting()]).toEqual([['exclaim 3', 'exclaim 2'], 0]);
  });

  it('does not fail for the sake of one that fails', async () => {
    const { goes, answers, ask, end } = stage({ most: 10, atOnce: 1 });
    ask('b', 'odd', 'c');
    await turn();
    await end();
    expect(goes).toEqual([['b', 'odd', 'c'], ['b'], ['odd'], ['c']]);
    expect(answers).toEqual(['b!', 'odd?', 'c!']);
  });

  it('fails as a whole, tried once, when nothing can be reached, and not what comes after', async () => {
    const { goes, answers, ask, end } = stage({ most: 10, atOnce: 1 });
    ask('b', 'gone', 'c');
    await turn();
    ask('d');
    await end();
    expect(goes).toEqual([['b', 'gone', 'c'], ['d']]);
    expect(answers).toEqual(['b?', 'gone?', 'c?', 'd!']);
  });
});
