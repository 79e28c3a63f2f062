import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { Answer, ConsentProfile, EmergencyGrant, Place } from '../../src/decision/consent-profile.ts';
import type { AskingError, Decision } from '../../src/decision/decision.ts';
import type { Question } from '../../src/decision/question.ts';

/**
 * The oracle: decides the same questions as the core, slowly and plainly, and shares no code with it.
 * Where the core filters, this one keeps a register: it writes every answer down in the order of recording, as the
 * register would have, then walks a ladder of places from the most to the least specific and stops at the first rung
 * where something is written. The next change is found by asking again at every moment that could matter.
 */
export function decideSlowly(
  catalogue: Catalogue,
  question: Question,
  profile: ConsentProfile,
): Decision | AskingError {
  const holderType = catalogue.organisationTypes.get(question.holder.type);
  const requesterType = catalogue.organisationTypes.get(question.requester.type);
  if (!holderType) return 'unknown-holder-type';
  if (!holderType.holderCategory) return 'holder-not-in-care';
  if (!requesterType) return 'unknown-requester-type';
  const row = catalogue.holderCategories.get(holderType.holderCategory);
  if (!row) return 'holder-not-in-care';
  const asked = question.dataCategory ?? row.dataCategory;
  if (![...catalogue.dataCategories.keys()].includes(asked)) return 'unknown-data-category';

  const facts = { dataCategory: asked, catalogueVersion: catalogue.version };
  if (!requesterType.requesterCategory) {
    return { decision: 'deny', reason: 'requester-not-eligible', basedOn: [], ...facts };
  }
  if (profile.unreadable.length > 0) {
    return { decision: 'deny', reason: 'consent-unreadable', basedOn: once(profile.unreadable), ...facts };
  }

  const yesFor = [...catalogue.dataCategories.values()]
    .filter((category) => category.covers.has(asked))
    .map((category) => category.code);
  const scene: Scene = {
    profile,
    holder: question.holder.ura,
    requester: question.requester.ura,
    rungs: ladder(question, row.code, requesterType.requesterCategory),
    yesFor: yesFor.includes(row.dataCategory) ? yesFor : [],
  };
  const now = outcomeAt(scene, question.at);
  const later = moments(profile.grants)
    .filter((moment) => moment > question.at)
    .find((moment) => outcomeAt(scene, moment).reason !== now.reason);
  return { ...now, ...facts, ...(later === undefined ? {} : { nextChangeAt: later }) };
}

type Outcome = Pick<Decision, 'basedOn'> &
  (
    | { decision: 'permit'; reason: 'consent-given' | 'emergency-grant' }
    | { decision: 'deny'; reason: 'no-consent' | 'consent-refused' | 'data-category-not-covered' | 'minor-unconfirmed' }
  );

interface Scene {
  readonly profile: ConsentProfile;
  readonly holder: string;
  readonly requester: string;
  /** Pairs of places, most specific rung first. */
  readonly rungs: readonly (readonly string[])[];
  /** Data categories a yes for which answers the question. */
  readonly yesFor: readonly string[];
}

function ladder({ holder, requester }: Question, holderCategory: string, requesterCategory: string): string[][] {
  const [h, H] = [`organisation ${holder.ura}`, `category ${holderCategory}`];
  const [r, R] = [`organisation ${requester.ura}`, `category ${requesterCategory}`];
  return [[`${h} -> ${r}`], [`${h} -> ${R}`, `${H} -> ${r}`], [`${H} -> ${R}`]];
}

function outcomeAt(scene: Scene, at: number): Outcome {
  const { answers, grants } = scene.profile;
  const confirmed = answers.filter((answer) => !(answer.pending && answer.decision === 'permit'));
  const said = readOff(scene, writeDown(confirmed));
  const ownNo = said.outcome.reason === 'consent-refused' && said.authority === 'citizen';

  const running: string[] = [];
  for (const grant of grants) {
    if (at < grant.start || at >= grant.end || at >= grant.start + 72 * 3600 * 1000) continue;
    if (grant.requesterUra !== scene.requester) continue;
    if (grant.holders !== 'all' && !grant.holders.some((holder) => holder === scene.holder)) continue;
    if (!scene.yesFor.includes(grant.dataCategory)) continue;
    if (ownNo && !grant.agreed) continue;
    running.push(grant.source);
  }
  if (running.length > 0) return { decision: 'permit', reason: 'emergency-grant', basedOn: once(running) };

  if (said.outcome.decision === 'permit') return said.outcome;
  const hoped = readOff(scene, writeDown(answers));
  if (hoped.outcome.decision === 'deny') return said.outcome;
  const waiting = hoped.rung.filter((answer) => answer.pending && answer.decision === 'permit');
  return { decision: 'deny', reason: 'minor-unconfirmed', basedOn: once(waiting.map((answer) => answer.source)) };
}

type Register = ReadonlyMap<string, readonly Answer[]>;

/** Writes answers in order of recording; a later one overwrites, and at the same instant a no is written last. */
function writeDown(answers: readonly Answer[]): Register {
  const register = new Map<string, Answer[]>();
  const order = [...answers].sort(
    (a, b) => a.recordedAt - b.recordedAt || Number(a.decision === 'deny') - Number(b.decision === 'deny'),
  );
  for (const answer of order) {
    const line = `${answer.authority}: ${inWords(answer.holder)} -> ${inWords(answer.requester)}`;
    const written = register.get(line);
    const same = written?.[0]?.recordedAt === answer.recordedAt && written[0].decision === answer.decision;
    register.set(line, same ? [...written, answer] : [answer]);
  }
  return register;
}

interface Reading {
  readonly outcome: Outcome;
  readonly authority?: Answer['authority'];
  /** Everything written on the rung where the reading stopped. */
  readonly rung: readonly Answer[];
}

function readOff({ rungs, yesFor }: Scene, register: Register): Reading {
  for (const authority of ['citizen', 'migrated'] as const) {
    for (const pairs of rungs) {
      const rung = pairs.flatMap((pair) => register.get(`${authority}: ${pair}`) ?? []);
      if (rung.length > 0) return { outcome: judge(rung, yesFor), authority, rung };
    }
  }
  return { outcome: { decision: 'deny', reason: 'no-consent', basedOn: [] }, rung: [] };
}

function judge(rung: readonly Answer[], yesFor: readonly string[]): Outcome {
  const sourcesWhere = (test: (answer: Answer) => boolean) => once(rung.filter(test).map((answer) => answer.source));
  const noes = sourcesWhere((answer) => answer.decision === 'deny');
  if (noes.length > 0) return { decision: 'deny', reason: 'consent-refused', basedOn: noes };
  const yeses = sourcesWhere((answer) => yesFor.includes(answer.dataCategory));
  if (yeses.length > 0) return { decision: 'permit', reason: 'consent-given', basedOn: yeses };
  return { decision: 'deny', reason: 'data-category-not-covered', basedOn: sourcesWhere(() => true) };
}

function moments(grants: readonly EmergencyGrant[]): number[] {
  const all = grants.flatMap((grant) => [grant.start, grant.end, grant.start + 72 * 3600 * 1000]);
  return all.sort((a, b) => a - b);
}

function inWords(place: Place): string {
  return place.kind === 'category' ? `category ${place.code}` : `organisation ${place.ura}`;
}

function once(sources: readonly string[]): string[] {
  return sources.filter((source, index) => sources.indexOf(source) === index).sort();
}
