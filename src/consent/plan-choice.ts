import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PlaceText, StoredRule } from '../decision/stored-rule.ts';

type Given = 'permit' | 'deny';

/** A Consent that counts now and is no emergency grant: `holder` of its rule is one place. */
export interface CurrentConsent {
  readonly id: string;
  readonly recordedAt: number;
  readonly rule: StoredRule & { readonly holder: PlaceText };
}

/** What one Consent must say after the choice; without an `id` it is new, without answers it is withdrawn. */
export interface PlannedConsent {
  readonly id?: string;
  readonly holder: PlaceText;
  readonly pending: boolean;
  readonly answers: ReadonlyMap<PlaceText, Given>;
}

/** One answer of a `certain` choice, its places resolved; `wholeRow` when it named no requester. */
export interface ChosenAnswer {
  readonly holder: PlaceText;
  readonly requesters: readonly PlaceText[];
  readonly wholeRow: boolean;
  readonly decision: Given | 'clear';
}

/** A choice of which every place is known. */
export type ResolvedChoice =
  { readonly option: 'all' | 'none' } | { readonly option: 'certain'; readonly answers: readonly ChosenAnswer[] };

/**
 * What a choice changes (rules 5 to 8 of this room's README). `pending` is true for a citizen under 16, whose answers wait
 * for a parent: then nothing confirmed is touched, a permit that is cleared goes at once, and a refusal stays until a later
 * permit is confirmed.
 */
export function planChoice(
  catalogue: Catalogue,
  current: readonly CurrentConsent[],
  choice: ResolvedChoice,
  pending: boolean,
): PlannedConsent[] {
  if (choice.option === 'certain') return planCertain(current, choice.answers, pending);
  return planEverything(catalogue, current, choice.option === 'all' ? 'permit' : 'deny', pending);
}

function planEverything(
  catalogue: Catalogue,
  current: readonly CurrentConsent[],
  given: Given,
  pending: boolean,
): PlannedConsent[] {
  const rows = new Map<PlaceText, Set<PlaceText>>();
  for (const row of catalogue.holderCategories.values()) {
    rows.set(`c:${row.code}`, new Set(row.requesterCategories.map((code): PlaceText => `c:${code}`)));
  }
  if (pending) addConfirmedExceptions(rows, current);
  const free = current.filter((consent) => !(pending && given === 'permit' && holdsRefusal(consent)));
  const written = [...rows].map(([holder, requesters]): PlannedConsent => ({
    ...targetOf(free, holder, pending),
    answers: new Map([...requesters].map((requester) => [requester, given])),
  }));
  const kept = new Set(written.map(({ id }) => id));
  const replaced = free.filter(({ id, rule }) => !kept.has(id) && (!pending || rule.pending));
  return [...written, ...replaced.map(withdrawn)];
}

/** What was confirmed about individual organisations must turn along: a pending no counts at once, for exceptions too. */
function addConfirmedExceptions(rows: Map<PlaceText, Set<PlaceText>>, current: readonly CurrentConsent[]): void {
  for (const { rule } of current.filter((consent) => !consent.rule.pending && consent.rule.authority === 'citizen')) {
    const requesters = rows.get(rule.holder) ?? new Set<PlaceText>();
    for (const [requester] of rule.answers) requesters.add(requester);
    rows.set(rule.holder, requesters);
  }
}

function planCertain(
  current: readonly CurrentConsent[],
  answers: readonly ChosenAnswer[],
  pending: boolean,
): PlannedConsent[] {
  const holders = new Set(answers.map(({ holder }) => holder));
  return [...holders].flatMap((holder) => {
    const there = current.filter(({ rule }) => rule.holder === holder);
    const touched = touchedPlaces(
      answers.filter((answer) => answer.holder === holder),
      there,
    );
    const target = targetOf(
      there.filter((consent) => !pending || !refusesPermitted(consent, touched)),
      holder,
      pending,
    );
    const planned = there.filter(({ id }) => id !== target.id).map((consent) => without(consent, touched, pending));
    const before = there.find(({ id }) => id === target.id);
    const after = new Map([...(before === undefined ? [] : untouched(before, touched, pending)), ...setOnly(touched)]);
    const targetChange = after.size > 0 || before !== undefined ? [{ ...target, answers: after }] : [];
    return [...targetChange, ...planned.filter((plan) => plan !== undefined)];
  });
}

/** Each requester place the choice speaks of, with what it becomes. Clearing a whole row clears its exceptions too. */
function touchedPlaces(
  answers: readonly ChosenAnswer[],
  there: readonly CurrentConsent[],
): Map<PlaceText, ChosenAnswer['decision']> {
  const touched = new Map<PlaceText, ChosenAnswer['decision']>();
  for (const { requesters, wholeRow, decision } of answers) {
    const recorded =
      wholeRow && decision === 'clear' ? there.flatMap(({ rule }) => rule.answers.map(([place]) => place)) : [];
    for (const place of [...requesters, ...recorded]) touched.set(place, decision);
  }
  return touched;
}

function setOnly(touched: ReadonlyMap<PlaceText, ChosenAnswer['decision']>): [PlaceText, Given][] {
  return [...touched].flatMap(([place, decision]) => (decision === 'clear' ? [] : [[place, decision]]));
}

/** The answers of a consent that the choice leaves alone. Under 16 only another refusal takes the place of one. */
function untouched(
  consent: CurrentConsent,
  touched: ReadonlyMap<PlaceText, string>,
  pending: boolean,
): [PlaceText, Given][] {
  return consent.rule.answers
    .filter(([place, given]) => !touched.has(place) || (pending && given === 'deny' && touched.get(place) !== 'deny'))
    .map(([place, given]) => [place, given]);
}

/** Another consent about the same holder loses what the choice speaks of; what is confirmed is only cleared. */
function without(
  consent: CurrentConsent,
  touched: ReadonlyMap<PlaceText, ChosenAnswer['decision']>,
  pending: boolean,
): PlannedConsent | undefined {
  const cleared = new Map([...touched].filter(([, decision]) => decision === 'clear'));
  const left = untouched(consent, pending && !consent.rule.pending ? cleared : touched, pending);
  if (left.length === consent.rule.answers.length) return undefined;
  return { id: consent.id, holder: consent.rule.holder, pending: consent.rule.pending, answers: new Map(left) };
}

function holdsRefusal({ rule }: CurrentConsent): boolean {
  return rule.answers.some(([, given]) => given === 'deny');
}

/** A consent cannot hold a refusal that stays and the permit that follows it: that goes into another. */
function refusesPermitted(
  { rule }: CurrentConsent,
  touched: ReadonlyMap<PlaceText, ChosenAnswer['decision']>,
): boolean {
  return rule.answers.some(([place, given]) => given === 'deny' && touched.get(place) === 'permit');
}

/** The newest consent of the citizen about this holder that may be written, or a new one. */
function targetOf(
  current: readonly CurrentConsent[],
  holder: PlaceText,
  pending: boolean,
): Omit<PlannedConsent, 'answers'> {
  const mine = current.filter(
    ({ rule }) => rule.holder === holder && rule.authority === 'citizen' && rule.pending === pending,
  );
  const newest = mine.reduce<CurrentConsent | undefined>(
    (best, consent) => (best === undefined || consent.recordedAt >= best.recordedAt ? consent : best),
    undefined,
  );
  return { holder, pending, ...(newest === undefined ? {} : { id: newest.id }) };
}

function withdrawn(consent: CurrentConsent): PlannedConsent {
  return { id: consent.id, holder: consent.rule.holder, pending: consent.rule.pending, answers: new Map() };
}
