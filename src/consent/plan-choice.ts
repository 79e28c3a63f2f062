import type { Catalogue } from '../catalogue/catalogue.ts';
import type { PlaceText, StoredRule } from '../decision/stored-rule.ts';
import { MOST_ANSWERS } from '../fhir/consent-rule.ts';

type Given = 'permit' | 'deny';
type Touched = ReadonlyMap<PlaceText, Given | 'clear'>;

/** A Consent that counts now and is no emergency grant: `holder` of its rule is one place. */
export interface CurrentConsent {
  readonly id: string;
  readonly recordedAt: number;
  /** Who recorded it and how, in one text. */
  readonly recorder: string;
  readonly rule: StoredRule & { readonly holder: PlaceText };
}

/** What one Consent must say after the choice; without an `id` it is new, without answers it is withdrawn. */
export interface PlannedConsent {
  readonly id?: string;
  readonly holder: PlaceText;
  /** The data category the answers are for: a Consent that is rewritten keeps its own. */
  readonly category: string;
  readonly pending: boolean;
  readonly answers: ReadonlyMap<PlaceText, Given>;
  /** It takes answers, so it says who records now. Else it only loses some, and stays theirs who recorded it. */
  readonly takesAnswers: boolean;
}

/** Who chooses. */
export interface Chooser {
  /** As `recorder` of their Consents. */
  readonly recorder: string;
  /** Whether the answers wait for a parent: the citizen is under 16. */
  readonly pending: boolean;
}

/** One answer of a `certain` choice, its places resolved; `wholeRow` when it named no requester. */
export interface ChosenAnswer {
  readonly holder: PlaceText;
  readonly requesters: readonly PlaceText[];
  readonly wholeRow: boolean;
  /** The data category of the holder's row; absent when it is not known, which only a `clear` may be. */
  readonly category?: string;
  readonly decision: Given | 'clear';
}

/** A choice of which every place is known. */
export type ResolvedChoice =
  { readonly option: 'all' | 'none' } | { readonly option: 'certain'; readonly answers: readonly ChosenAnswer[] };

/**
 * What a choice changes (rules 5 to 8 and 21 of this room's README). When the answers wait for a parent, nothing confirmed is
 * touched, a permit that is cleared goes at once, and a refusal stays until a later permit is confirmed. Only a Consent of
 * the same recorder takes answers; from others those that are overtaken go.
 */
export function planChoice(
  catalogue: Catalogue,
  current: readonly CurrentConsent[],
  choice: ResolvedChoice,
  chooser: Chooser,
): PlannedConsent[] {
  if (choice.option === 'certain') return planCertain(current, choice.answers, chooser);
  return planEverything(catalogue, current, choice.option === 'all' ? 'permit' : 'deny', chooser);
}

function planEverything(
  catalogue: Catalogue,
  current: readonly CurrentConsent[],
  given: Given,
  chooser: Chooser,
): PlannedConsent[] {
  const { pending } = chooser;
  const rows = new Map<PlaceText, Set<PlaceText>>();
  for (const row of catalogue.holderCategories.values()) {
    rows.set(`c:${row.code}`, new Set(row.requesterCategories.map((code): PlaceText => `c:${code}`)));
  }
  if (pending) addConfirmedExceptions(rows, current);
  const free = current.filter((consent) => !(pending && given === 'permit' && holdsRefusal(consent)));
  const written = [...rows].flatMap(([holder, requesters]) => {
    const category = categoryOf(catalogue, current, holder);
    const target = targetOf(free, holder, category, chooser);
    return chunks([...requesters]).map((chunk, at): PlannedConsent => {
      const answers = new Map(chunk.map((requester) => [requester, given]));
      return { ...(at === 0 ? target : { holder, category, pending }), answers, takesAnswers: true };
    });
  });
  const kept = new Set(written.map(({ id }) => id));
  const replaced = free.filter(({ id, rule }) => !kept.has(id) && (!pending || rule.pending));
  return [...written, ...replaced.map(withdrawn)];
}

/** Of a category the catalogue's; of an organisation what was recorded about it. */
function categoryOf(catalogue: Catalogue, current: readonly CurrentConsent[], holder: PlaceText): string {
  const row = holder.startsWith('c:') ? catalogue.holderCategories.get(holder.slice(2)) : undefined;
  return row?.dataCategory ?? current.find(({ rule }) => rule.holder === holder)?.rule.category ?? '';
}

/** As many answers as one Consent may hold. */
function chunks(requesters: readonly PlaceText[]): PlaceText[][] {
  const length = Math.max(1, Math.ceil(requesters.length / MOST_ANSWERS));
  return Array.from({ length }, (_, at) => requesters.slice(at * MOST_ANSWERS, (at + 1) * MOST_ANSWERS));
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
  chooser: Chooser,
): PlannedConsent[] {
  const holders = new Set(answers.map(({ holder }) => holder));
  return [...holders].flatMap((holder) => {
    const there = current.filter(({ rule }) => rule.holder === holder);
    const own = answers.filter((answer) => answer.holder === holder);
    const touched = touchedPlaces(own, there);
    const category = own.find(({ decision }) => decision !== 'clear')?.category;
    const written = category === undefined ? [] : [writeAnswers(there, { holder, category }, touched, chooser)];
    const others = there.filter(({ id }) => !written.some((plan) => plan.id === id));
    const reduced = others.map((consent) => without(consent, touched, there, chooser.pending));
    return [...written, ...reduced.filter((plan) => plan !== undefined)];
  });
}

/** The Consent that takes the new answers: the newest that can, or a new one when none can or it would get too long. */
function writeAnswers(
  there: readonly CurrentConsent[],
  { holder, category }: Pick<PlannedConsent, 'holder' | 'category'>,
  touched: Touched,
  chooser: Chooser,
): PlannedConsent {
  const { pending } = chooser;
  const free = there.filter((consent) => !pending || !refusesPermitted(consent, touched));
  const target = targetOf(free, holder, category, chooser);
  const before = there.find(({ id }) => id === target.id);
  const kept = before === undefined ? [] : standing(before, untouched(before, touched, pending), there);
  const given = setOnly(touched);
  const fits = kept.length + given.length <= MOST_ANSWERS;
  if (fits) return { ...target, answers: new Map([...kept, ...given]), takesAnswers: true };
  return { holder, category, pending, answers: new Map(given), takesAnswers: true };
}

/** Each requester place the choice speaks of, with what it becomes. Clearing a whole row clears its exceptions too. */
function touchedPlaces(answers: readonly ChosenAnswer[], there: readonly CurrentConsent[]): Touched {
  const touched = new Map<PlaceText, ChosenAnswer['decision']>();
  for (const { requesters, wholeRow, decision } of answers) {
    const recorded =
      wholeRow && decision === 'clear' ? there.flatMap(({ rule }) => rule.answers.map(([place]) => place)) : [];
    for (const place of [...requesters, ...recorded]) touched.set(place, decision);
  }
  return touched;
}

function setOnly(touched: Touched): [PlaceText, Given][] {
  return [...touched].flatMap(([place, decision]) => (decision === 'clear' ? [] : [[place, decision]]));
}

/** The answers of a consent that the choice leaves alone. Under 16 only another refusal takes the place of one. */
function untouched(consent: CurrentConsent, touched: Touched, pending: boolean): [PlaceText, Given][] {
  return consent.rule.answers
    .filter(([place, given]) => !touched.has(place) || (pending && given === 'deny' && touched.get(place) !== 'deny'))
    .map(([place, given]) => [place, given]);
}

/** Another consent about the same holder loses what the choice speaks of; what is confirmed is only cleared. */
function without(
  consent: CurrentConsent,
  touched: Touched,
  there: readonly CurrentConsent[],
  pending: boolean,
): PlannedConsent | undefined {
  const { id, rule } = consent;
  const cleared = new Map([...touched].filter(([, decision]) => decision === 'clear'));
  const left = untouched(consent, pending && !rule.pending ? cleared : touched, pending);
  if (left.length === rule.answers.length) return undefined;
  const answers = new Map(standing(consent, left, there));
  return { id, holder: rule.holder, category: rule.category, pending: rule.pending, answers, takesAnswers: false };
}

/**
 * The answers that no other consent has overtaken. Rewriting a consent makes all of it the latest, so what was overtaken
 * must not come along, or it would be back.
 */
function standing(
  { id, recordedAt, rule }: CurrentConsent,
  answers: readonly [PlaceText, Given][],
  there: readonly CurrentConsent[],
): [PlaceText, Given][] {
  const rivals = there.filter((other) => other.id !== id && other.rule.authority === rule.authority);
  return answers.filter(
    ([place, given]) =>
      !rivals.some((other) =>
        other.rule.answers.some(([requester, said]) => {
          if (requester !== place || (other.rule.pending && said === 'permit')) return false;
          return (
            other.recordedAt > recordedAt || (other.recordedAt === recordedAt && said === 'deny' && given === 'permit')
          );
        }),
      ),
  );
}

function holdsRefusal({ rule }: CurrentConsent): boolean {
  return rule.answers.some(([, given]) => given === 'deny');
}

/** A consent cannot hold a refusal that stays and the permit that follows it: that goes into another. */
function refusesPermitted({ rule }: CurrentConsent, touched: Touched): boolean {
  return rule.answers.some(([place, given]) => given === 'deny' && touched.get(place) === 'permit');
}

/** The newest consent of the citizen about this holder that this chooser recorded and may write, or a new one. */
function targetOf(
  current: readonly CurrentConsent[],
  holder: PlaceText,
  category: string,
  { recorder, pending }: Chooser,
): Omit<PlannedConsent, 'answers' | 'takesAnswers'> {
  const mine = current.filter(
    (consent) =>
      consent.recorder === recorder && isAbout(consent, holder, category) && consent.rule.pending === pending,
  );
  const newest = mine.reduce<CurrentConsent | undefined>(
    (best, consent) => (best === undefined || consent.recordedAt >= best.recordedAt ? consent : best),
    undefined,
  );
  return { holder, category, pending, ...(newest === undefined ? {} : { id: newest.id }) };
}

function isAbout({ rule }: CurrentConsent, holder: PlaceText, category: string): boolean {
  return rule.holder === holder && rule.category === category && rule.authority === 'citizen';
}

function withdrawn(consent: CurrentConsent): PlannedConsent {
  const { holder, category, pending } = consent.rule;
  return { id: consent.id, holder, category, pending, answers: new Map(), takesAnswers: false };
}
