import type { Catalogue, HolderCategory } from '../../src/catalogue/catalogue.ts';
import type { Answer, ConsentProfile, EmergencyGrant, Place } from '../../src/decision/consent-profile.ts';
import type { Case, ChosenAnswer, RecordedAnswer, RecordedGrant, Step } from './case.ts';
import { gainQuestion } from './gain-question.ts';

/** What a case's `given` leads to: the catalogue and the citizen's profile after the last step. */
export interface Given {
  readonly catalogue: Catalogue;
  readonly profile: ConsentProfile;
}

interface Progress {
  catalogue: Catalogue;
  readonly typeOf: ReadonlyMap<string, string>;
  /** The citizen's chosen answers, by holder place and requester place. */
  readonly chosen: Map<string, Answer>;
  readonly answers: Answer[];
  readonly grants: EmergencyGrant[];
  readonly unreadable: string[];
}

const FIRST_STEP = Date.parse('2026-01-05T09:00:00Z');
const MINUTE = 60_000;
const SEVENTY_TWO_HOURS = 72 * 60 * MINUTE;
/** About whom a holder's button is, when it says nothing else. */
const BUTTON = { requesterCategory: ['RPZAC001', 'RPZAC104', 'RPZAC005'] };

/** Applies the steps of a case in order, a minute apart. Each chosen answer rests on a consent named by its holder place. */
export function applySteps(catalogue: Catalogue, { given, asks }: Pick<Case, 'given' | 'asks'>): Given {
  const parties = asks.flatMap((ask) => [ask.holder, ask.requester]);
  const typeOf = new Map(parties.map(({ ura, type }) => [ura, type]));
  const progress: Progress = { catalogue, typeOf, chosen: new Map(), answers: [], grants: [], unreadable: [] };
  given.forEach((step, index) => apply(progress, step, FIRST_STEP + index * MINUTE));
  const { answers, chosen, grants, unreadable } = progress;
  return { catalogue: progress.catalogue, profile: { answers: [...answers, ...chosen.values()], grants, unreadable } };
}

function apply(progress: Progress, step: Step, at: number): void {
  if ('subscribed' in step || 'unsubscribed' in step) return;
  if ('choose' in step) {
    const { option, answers = [], way } = step.choose;
    if (step.refused !== undefined) return;
    if (option !== 'certain') chooseEverywhere(progress, option === 'all' ? 'permit' : 'deny', at);
    else for (const answer of answers) choose(progress, way === 'button' ? { ...BUTTON, ...answer } : answer, at);
  } else if ('catalogueGains' in step) {
    progress.catalogue = gainQuestion(progress.catalogue, step.catalogueGains);
  } else if ('answer' in step) {
    if (step.answer.confirmation !== 'rejected') progress.answers.push(record(progress, step.answer, step.called, at));
  } else if ('grant' in step) {
    progress.grants.push(recordGrant(step.grant, step.called));
  } else {
    progress.unreadable.push(step.called);
  }
}

/** Options 1 and 3 start from a clean slate: individual exceptions go, every question of the catalogue is answered. */
function chooseEverywhere(progress: Progress, decision: 'permit' | 'deny', at: number): void {
  progress.chosen.clear();
  for (const holderCategory of progress.catalogue.holderCategories.keys()) {
    choose(progress, { holderCategory, decision }, at);
  }
}

function choose(progress: Progress, answer: ChosenAnswer, recordedAt: number): void {
  const holder = placeOf(answer.holderCategory, answer.holder);
  const row = rowOf(progress, holder);
  const source = holder.kind === 'category' ? holder.code : holder.ura;
  for (const requester of requestersOf(answer, row)) {
    const key = `${JSON.stringify(holder)} ${JSON.stringify(requester)}`;
    progress.chosen.delete(key);
    if (answer.decision === 'clear') continue;
    const { dataCategory } = row;
    const { decision } = answer;
    const rest = { authority: 'citizen', pending: false, recordedAt, source } as const;
    progress.chosen.set(key, { holder, requester, decision, dataCategory, ...rest });
  }
}

function requestersOf({ requester, requesterCategory }: ChosenAnswer, row: HolderCategory): readonly Place[] {
  if (requester !== undefined) return requester.map((ura) => placeOf(undefined, ura));
  return (requesterCategory ?? row.requesterCategories).map((code) => placeOf(code, undefined));
}

function record(progress: Progress, answer: RecordedAnswer, source: string, recordedAt: number): Answer {
  const holder = placeOf(answer.holderCategory, answer.holder);
  return {
    holder,
    requester: placeOf(answer.requesterCategory, answer.requester),
    decision: answer.decision,
    dataCategory: rowOf(progress, holder).dataCategory,
    authority: answer.origin === 'migration' ? 'migrated' : 'citizen',
    pending: answer.confirmation === 'waiting',
    recordedAt,
    source,
  };
}

function recordGrant(grant: RecordedGrant, source: string): EmergencyGrant {
  const { requester: requesterUra, holders, dataCategory } = grant;
  const start = Date.parse(grant.start);
  const end = grant.end === undefined ? start + SEVENTY_TWO_HOURS : Date.parse(grant.end);
  return { requesterUra, holders, dataCategory, start, end, agreed: grant.patientAgreed === 'agreed', source };
}

/** The row a holder place stands in: an organisation's follows from the type it has in the case's questions. */
function rowOf({ catalogue, typeOf }: Progress, holder: Place): HolderCategory {
  const type = holder.kind === 'organisation' ? typeOf.get(holder.ura) : undefined;
  const code = holder.kind === 'category' ? holder.code : catalogue.organisationTypes.get(type ?? '')?.holderCategory;
  const row = catalogue.holderCategories.get(code ?? '');
  if (row === undefined) throw new Error(`the case names a holder without a row: ${JSON.stringify(holder)}`);
  return row;
}

function placeOf(category: string | undefined, organisation: string | undefined): Place {
  if (category !== undefined) return { kind: 'category', code: category };
  if (organisation !== undefined) return { kind: 'organisation', ura: organisation };
  throw new Error('the case has an answer without a place');
}
