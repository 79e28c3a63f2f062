import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { isBsn } from '../../src/fhir/identifiers.ts';
import { ask, patient, type Reply } from './ask.ts';

/** The answers of a citizen by cell, such as `HA RPZAC005`. */
type Answers = ReadonlyMap<string, string>;

/** What was asked to be recorded for one citizen, and what of it was acknowledged. */
export interface Account {
  readonly bsn: string;
  readonly token: string;
  /** After the last acknowledged choice. */
  answers: Answers;
  /** After the choice that was sent later and never answered, if there is one. */
  perhaps?: Answers;
  acknowledged: number;
  unknown: number;
  /** Versions the server has named: `<id> <version>`. */
  readonly versions: Set<string>;
}

/** A choice: its input, and what it makes of a citizen's answers. */
interface Choice {
  readonly parameters: readonly object[];
  readonly apply: (answers: Answers) => Answers;
}

/** So many BSNs that nobody has. */
export function madeUpBsns(count: number): string[] {
  const numbers = Array.from({ length: count * 12 }, (_, index) => String(999_910_000 + index));
  return numbers.filter((text) => isBsn(text)).slice(0, count);
}

export function openAccount(bsn: string, token: string): Account {
  return { bsn, token, answers: new Map(), acknowledged: 0, unknown: 0, versions: new Set() };
}

function everyCell(catalogue: Catalogue): string[] {
  return [...catalogue.holderCategories.values()].flatMap(({ code, requesterCategories }) =>
    requesterCategories.map((requester) => `${code} ${requester}`),
  );
}

function everything(catalogue: Catalogue, option: 'all' | 'none'): Choice {
  const decision = option === 'all' ? 'permit' : 'deny';
  const answers = new Map(everyCell(catalogue).map((cell) => [cell, decision]));
  return { parameters: [{ name: 'option', valueCode: option }], apply: () => answers };
}

function one(cell: string, decision: 'permit' | 'deny' | 'clear'): Choice {
  const [holderCategory, requesterCategory] = cell.split(' ');
  const part = [
    { name: 'holderCategory', valueCode: holderCategory },
    { name: 'requesterCategory', valueCode: requesterCategory },
    { name: 'decision', valueCode: decision },
  ];
  const apply = (answers: Answers) => {
    const others = [...answers].filter(([place]) => place !== cell);
    return new Map(decision === 'clear' ? others : [...others, [cell, decision]]);
  };
  return {
    parameters: [
      { name: 'option', valueCode: 'certain' },
      { name: 'answer', part },
    ],
    apply,
  };
}

/** The choices that a citizen makes in turn: no two in a row leave the same answers. */
export function choicesInTurn(catalogue: Catalogue): readonly Choice[] {
  const cell = 'HA RPZAC005';
  return [
    everything(catalogue, 'all'),
    one(cell, 'deny'),
    one(cell, 'clear'),
    everything(catalogue, 'none'),
    one(cell, 'permit'),
    one('GGZ RPZAC003', 'clear'),
  ];
}

function versionsIn(reply: Reply): string[] {
  const resources = (reply.body.entry ?? []).map(({ resource }) => resource) as {
    id: string;
    meta: { versionId: string };
  }[];
  return resources.map(({ id, meta }) => `${id} ${meta.versionId}`);
}

/**
 * Makes one choice and writes down what became of it: acknowledged, or unknown when no answer came or a 503.
 * @returns false when the outcome is unknown
 * @throws Error for any other answer
 */
export async function makeChoice(baseUrl: string, account: Account, { parameters, apply }: Choice): Promise<boolean> {
  const after = apply(account.answers);
  const body = [patient(account.bsn), ...parameters];
  const reply = await ask(baseUrl, 'choose', account.token, body).catch(() => undefined);
  if (reply === undefined || reply.status === 503) {
    account.perhaps = after;
    account.unknown += 1;
    return false;
  }
  if (reply.status !== 200) throw new Error(`a choice was answered with ${reply.status}`);
  account.answers = after;
  account.acknowledged += 1;
  for (const version of versionsIn(reply)) account.versions.add(version);
  return true;
}
