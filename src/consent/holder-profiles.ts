import type { Catalogue } from '../catalogue/catalogue.ts';
import { dataCategoryOfRow, widestDataCategory } from '../catalogue/look-up.ts';
import type { ConsentProfile } from '../decision/consent-profile.ts';
import { mayShareByAnswers } from '../decision/decide-for-category.ts';
import type { Party } from '../decision/question.ts';
import { placeText } from '../decision/stored-rule.ts';
import type { HolderProfile } from '../fhir/holder-profile.ts';
import { registrationOf } from '../fhir/subscription-resource.ts';
import type { Subscriber } from '../notifications/subscribers.ts';
import type { Sql } from '../storage/database.ts';
import { readForDecision } from '../storage/decision-rows.ts';
import { findOrganizations } from '../storage/organization.ts';
import { type Knowledge, knowledgeOf } from './knowledge.ts';
import type { Register } from './register.ts';

/** A subscriber with what stands for it now. */
export interface Standing {
  readonly subscriber: Subscriber;
  readonly profile: HolderProfile;
}

interface Asked {
  readonly subscriber: Subscriber;
  readonly holder: Party;
  readonly profile: ConsentProfile;
  /** Organisations that the citizen named as requesters of this holder, sorted. */
  readonly named: readonly string[];
}

/**
 * What stands for each of these subscribers, by the same rules as the closed question (rule 35): everything is read in two
 * statements, however many there are. Emergency grants are no part of it.
 */
export async function holderProfiles(
  sql: Sql,
  { catalogue, log }: Pick<Register, 'catalogue' | 'log'>,
  subscribers: readonly Subscriber[],
): Promise<Standing[]> {
  const registrations = subscribers.map((subscriber) => ({ subscriber, ...registrationOf(subscriber.subscription) }));
  const patientKeys = new Map(subscribers.map(({ patientKey }) => [patientKey.toString('hex'), patientKey]));
  const uras = new Set(registrations.map(({ ura }) => ura));
  const knowledge = knowledgeOf(await readForDecision(sql, [...patientKeys.values()], [...uras]));
  const asked = registrations.map(({ subscriber, ura, holderType: type }) => {
    const profile = knowledge.profileOf(subscriber.patientKey);
    const code = catalogue.organisationTypes.get(type)?.holderCategory;
    return { subscriber, holder: { ura, type }, profile, named: namedRequesters(profile, ura, code) };
  });
  const unreadable = new Set(asked.flatMap(({ profile }) => profile.unreadable));
  if (unreadable.size > 0) log.error('consent cannot be read', { consents: [...unreadable] });
  const requesters = await requesterCategories(sql, catalogue, asked);
  return asked.map((one) => ({
    subscriber: one.subscriber,
    profile: profileOf(catalogue, knowledge, requesters, one),
  }));
}

/** Categories of the organisations that are registered, by number. */
type Requesters = ReadonlyMap<string, readonly string[]>;

async function requesterCategories(sql: Sql, catalogue: Catalogue, asked: readonly Asked[]): Promise<Requesters> {
  const uras = [...new Set(asked.flatMap(({ named }) => named))];
  if (uras.length === 0) return new Map();
  const rows = await findOrganizations(sql, uras);
  return new Map(
    rows.map(({ ura, types }) => [
      ura,
      types.flatMap((type) => catalogue.organisationTypes.get(type)?.requesterCategory ?? []),
    ]),
  );
}

function namedRequesters({ answers }: ConsentProfile, ura: string, category: string | undefined): string[] {
  const named = answers.flatMap(({ holder, requester }) => {
    const isAbout = holder.kind === 'organisation' ? holder.ura === ura : holder.code === category;
    return isAbout && requester.kind === 'organisation' ? [requester.ura] : [];
  });
  return [...new Set(named)].sort();
}

/** A holder that is registered as something else than it subscribed as would be refused by a `$check`: it may share nothing. */
function profileOf(
  catalogue: Catalogue,
  knowledge: Knowledge,
  requesters: Requesters,
  { holder, profile, named }: Asked,
): HolderProfile {
  const isHolder = knowledge.typesOf(holder.ura)?.includes(holder.type) !== false;
  const may = (category: string, ura?: string): boolean =>
    isHolder && mayShareByAnswers(catalogue, holder, { category, ...(ura === undefined ? {} : { ura }) }, profile);
  const every = [...catalogue.requesterCategories.keys()];
  // Whoever is not registered may say to be of any category: a yes must be one for all of them.
  const mayNamed = (ura: string): boolean => {
    const categories = requesters.get(ura) ?? every;
    return categories.length > 0 && categories.every((category) => may(category, ura));
  };
  const places = [
    ...every.map((code) => ({ place: { kind: 'category', code } as const, isYes: may(code) })),
    ...named.map((ura) => ({ place: { kind: 'organisation', ura } as const, isYes: mayNamed(ura) })),
  ];
  const row = catalogue.organisationTypes.get(holder.type)?.holderCategory ?? '';
  const listed = (wanted: boolean) =>
    places.filter(({ isYes }) => isYes === wanted).map(({ place }) => placeText(place));
  return {
    catalogueVersion: catalogue.version,
    dataCategory: dataCategoryOfRow(catalogue, row) ?? widestDataCategory(catalogue),
    permit: listed(true),
    deny: listed(false),
  };
}
