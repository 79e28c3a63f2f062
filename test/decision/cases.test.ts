import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { decide } from '../../src/decision/decide.ts';
import type { AskingError, Decision } from '../../src/decision/decision.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { applySteps } from './apply-steps.ts';
import { readCases, type Ask, type Expected } from './case.ts';
import { decideSlowly } from './second-evaluator.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const WHEN_NOTHING_ELSE_IS_SAID = '2026-11-22T12:00:00Z';

describe.each([
  ['the decision core', decide],
  ['the second evaluator', decideSlowly],
] as const)('%s answers every case file', (_name, evaluate) => {
  for (const { scenario, title, given, asks } of readCases()) {
    it(`${scenario}: ${title}`, () => {
      const applied = applySteps(catalogue, { given, asks });
      for (const { ask, dataCategory, expect: expected } of asks.flatMap(questionsOf)) {
        const question = {
          holder: ask.holder,
          requester: ask.requester,
          ...(dataCategory === undefined ? {} : { dataCategory }),
          purpose: ask.purpose ?? 'TREAT',
          at: Date.parse(ask.at ?? WHEN_NOTHING_ELSE_IS_SAID),
        };
        expect(inWords(evaluate(applied.catalogue, question, applied.profile))).toEqual(expected);
      }
    });
  }
});

describe('the case files', () => {
  it('hold every scenario that the core alone can answer', () => {
    const scenarios = new Set(readCases().map((one) => one.scenario));
    const wanted = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12', '14', '15', '18', '19', '30', '35'];
    expect([...wanted, '36', '38', '39'].filter((scenario) => !scenarios.has(scenario))).toEqual([]);
  });

  it('ask under option 1 about every cell that the catalogue has a question for', () => {
    const asks = readCases().find((one) => one.scenario === '2')?.asks ?? [];
    const category = (type: string) => catalogue.organisationTypes.get(type);
    const asked = asks.map(
      ({ holder, requester }) =>
        `${category(holder.type)?.holderCategory ?? ''} ${category(requester.type)?.requesterCategory ?? ''}`,
    );
    const cells = [...catalogue.holderCategories.values()].flatMap((row) =>
      row.requesterCategories.map((requester) => `${row.code} ${requester}`),
    );
    expect(asked.sort()).toEqual(cells.sort());
    expect(cells).toHaveLength(42);
  });
});

interface AskedOnce {
  readonly ask: Ask;
  readonly dataCategory: string | undefined;
  readonly expect: Expected;
}

function questionsOf(ask: Ask): readonly AskedOnce[] {
  if ('decision' in ask.expect || 'error' in ask.expect) {
    return [{ ask, dataCategory: ask.dataCategory as string | undefined, expect: ask.expect }];
  }
  expect(ask.expect.map((one) => one.dataCategory)).toEqual(ask.dataCategory);
  return ask.expect.map(({ dataCategory, ...expected }) => ({ ask, dataCategory, expect: expected }));
}

function inWords(outcome: Decision | AskingError): Expected {
  if (typeof outcome === 'string') return { error: outcome };
  const { decision, reason, basedOn, nextChangeAt } = outcome;
  const words = { decision, reason, basedOn };
  return nextChangeAt === undefined ? words : { ...words, nextChangeAt: new Date(nextChangeAt).toISOString() };
}
