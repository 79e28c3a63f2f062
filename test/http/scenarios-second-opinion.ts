import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import type { ConsentProfile } from '../../src/decision/consent-profile.ts';
import type { AskingError, Decision } from '../../src/decision/decision.ts';
import { readProfile } from '../../src/decision/stored-rule.ts';
import { readForDecision, readForDecisionAt } from '../../src/storage/decision-rows.ts';
import type { Expected } from '../decision/case.ts';
import { decideSlowly } from '../decision/second-evaluator.ts';
import type { TestServer } from '../setup/test-server.ts';
import { categoriesOf, type Question } from './scenarios-parameters.ts';

/** The citizen's profile as it stands in the database, now or at an earlier moment. */
export async function storedProfile({ server }: TestServer, bsn: string, at?: number): Promise<ConsentProfile> {
  const { database, vault } = server.register;
  const keys = [vault.keyOf(bsn)];
  const now = await readForDecision(database, keys, []);
  const moment = { versionsAt: Math.min(at ?? now.now, now.now), knownAt: now.now };
  const { consents } = at === undefined ? now : await readForDecisionAt(database, keys, [], moment);
  return readProfile(
    consents.map(({ id, version, recordedAt, rule }) => ({
      source: `Consent/${id}/_history/${version}`,
      recordedAt,
      rule: JSON.parse(rule) as unknown,
    })),
  );
}

/** What the second evaluator answers from what is stored, by data category as `answersIn` has it. */
export async function secondOpinion(
  server: TestServer,
  bsn: string,
  question: Question,
): Promise<ReadonlyMap<string, Expected>> {
  const at = question.at === undefined ? undefined : Date.parse(question.at);
  const profile = await storedProfile(server, bsn, at);
  const { catalogue } = server.server.register;
  const [first, ...more] = categoriesOf(question);
  const asked = more.length === 0 ? [['', first] as const] : [first, ...more].map((code) => [code, code] as const);
  return new Map(
    asked.map(([key, code]) => [key ?? '', decideFrom(catalogue, profile, question, code, at ?? Date.now())]),
  );
}

/** One answer of the second evaluator from a profile. */
export function decideFrom(
  catalogue: Catalogue,
  profile: ConsentProfile,
  { holder, requester, purpose = 'TREAT' }: Question,
  dataCategory: string | undefined,
  at: number,
): Expected {
  const asked = { holder, requester, purpose, at, ...(dataCategory === undefined ? {} : { dataCategory }) };
  return inWords(decideSlowly(catalogue, asked, profile));
}

function inWords(outcome: Decision | AskingError): Expected {
  if (typeof outcome === 'string') return { error: outcome };
  const { decision, reason, basedOn, nextChangeAt } = outcome;
  const words = { decision, reason, basedOn };
  return nextChangeAt === undefined ? words : { ...words, nextChangeAt: new Date(nextChangeAt).toISOString() };
}
