import { randomUUID } from 'node:crypto';
import type { Consent } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { dataCategoryOfRow } from '../catalogue/look-up.ts';
import { placeText, type PlaceText, readPlace, type StoredRule } from '../decision/stored-rule.ts';
import { type ConsentContent, consentOf } from '../fhir/consent-resource.ts';
import { readDateRange } from '../fhir/date-range.ts';
import type { Choice } from '../fhir/choose-parameters.ts';
import { type ChosenAnswer, requireQuestions } from '../fhir/chosen-cells.ts';
import { problem } from '../problem.ts';
import { type ConsentRow, findConsents } from '../storage/consent.ts';
import { readClock } from '../storage/clock.ts';
import { findOrganizations } from '../storage/organization.ts';
import { type Citizen, openCitizen } from './citizen.ts';
import { CONSENT_KIND } from './consent-kind.ts';
import { draftConsent } from './consent-draft.ts';
import { isSelf } from './patient-kind.ts';
import type { Unit } from './unit.ts';
import { type CurrentConsent, planChoice, type PlannedConsent, type ResolvedChoice } from './plan-choice.ts';
import { type Stored, storedAll } from './stored.ts';

/**
 * Records what a citizen chose: consents, their history and the audit record in one transaction.
 * @returns the citizen's Consents that count now
 * @throws Problem forbidden for another's choices; invalid for a holder that is not registered or a cell without a question
 */
export async function choose(unit: Unit, choice: Choice): Promise<Stored[]> {
  const patientKey = unit.register.vault.keyOf(choice.bsn);
  if (!isSelf(unit, patientKey)) throw problem('forbidden', 'not-own-record', 'A citizen chooses only for themselves.');
  if (choice.way !== undefined) {
    throw problem('invalid', 'way-not-for-citizen', 'Only a provider names the way in which it records.', 'way');
  }
  const citizen = await openCitizen(unit, patientKey, choice.bsn);
  const rows = await resolveRows(unit, choice);
  const current = (await findConsents(unit.sql, [patientKey])).filter(countsNow);
  const plans = planChoice(
    unit.register.catalogue,
    current.flatMap(answersOf),
    resolve(rows, choice),
    citizen.underSixteen,
  );
  const entities: string[] = [];
  for (const plan of plans) entities.push(await write(unit, citizen, plan, current));
  unit.note({ patientKey, detail: { entities }, recorded: { way: 'portal', consents: entities } });
  return currentConsents(unit, patientKey);
}

/** The citizen's Consents that count now. */
export async function currentConsents(unit: Unit, patientKey: Buffer): Promise<Stored[]> {
  const now = await readClock(unit.sql);
  const rows = (await findConsents(unit.sql, [patientKey])).filter((row) => !hasLapsed(row, now));
  return storedAll(unit, CONSENT_KIND, rows.filter(countsNow));
}

function countsNow({ status }: ConsentRow): boolean {
  return status === 'active' || status === 'proposed';
}

/** An emergency grant keeps its status when its 72 hours are over. */
function hasLapsed({ rule }: ConsentRow, now: number): boolean {
  const { grant } = (rule ?? {}) as Partial<StoredRule>;
  return grant !== undefined && grant.end <= now;
}

/** A consent with its answers; an emergency grant has none that a choice could change. */
function answersOf({ id, recordedAt, rule }: ConsentRow): CurrentConsent[] {
  const stored = rule as StoredRule | null;
  if (stored === null || stored.grant !== undefined || typeof stored.holder !== 'string' || stored.holder === 'all')
    return [];
  return [{ id, recordedAt, rule: { ...stored, holder: stored.holder } }];
}

/** What the catalogue asks about a holder place. */
interface Row {
  readonly dataCategory: string;
  readonly requesterCategories: readonly string[];
}

type Rows = ReadonlyMap<PlaceText, Row>;

/** The row of every holder place the choice names, by the registry; of a category, by the catalogue. */
async function resolveRows(unit: Unit, choice: Choice): Promise<Rows> {
  const { catalogue } = unit.register;
  const rows = new Map<PlaceText, Row>(categoryRows(catalogue));
  if (choice.option !== 'certain') return rows;
  const individual = choice.answers.flatMap(({ holder }) => (holder.kind === 'organisation' ? [holder.ura] : []));
  const registered = new Map((await findOrganizations(unit.sql, individual)).map((row) => [row.ura, row]));
  for (const answer of choice.answers) {
    // Taking answers back needs neither registration nor questions.
    if (answer.holder.kind === 'category' || answer.decision === 'clear') continue;
    const codes = (registered.get(answer.holder.ura)?.types ?? []).flatMap(
      (type) => catalogue.organisationTypes.get(type)?.holderCategory ?? [],
    );
    if (codes.length === 0) {
      throw problem(
        'invalid',
        'holder-not-registered',
        'The holder organisation is not registered.',
        answer.expression,
      );
    }
    requireQuestions(catalogue, answer, codes);
    rows.set(placeText(answer.holder), widestRow(catalogue, codes, answer.expression));
  }
  return rows;
}

function categoryRows(catalogue: Catalogue): [PlaceText, Row][] {
  return [...catalogue.holderCategories.values()].map((row) => [`c:${row.code}`, row]);
}

/**
 * An organisation of several kinds answers as the kind with the widest data category, for every question of its kinds.
 * @throws Problem invalid when none is the widest: one answer would cover a part only, unsaid
 */
function widestRow(catalogue: Catalogue, codes: readonly string[], expression: string): Row {
  const categories = [...new Set(codes.map((code) => dataCategoryOfRow(catalogue, code) ?? ''))];
  const widest = categories.find((wide) =>
    categories.every((one) => catalogue.dataCategories.get(wide)?.covers.has(one)),
  );
  if (widest === undefined) {
    const text = 'No data category of this organisation holds its others: answer for its holder categories.';
    throw problem('invalid', 'several-data-categories', text, expression);
  }
  const requesters = codes.flatMap((code) => catalogue.holderCategories.get(code)?.requesterCategories ?? []);
  return { dataCategory: widest, requesterCategories: [...new Set(requesters)] };
}

function resolve(rows: Rows, choice: Choice): ResolvedChoice {
  if (choice.option !== 'certain') return choice;
  return { option: 'certain', answers: choice.answers.map((answer) => resolveAnswer(rows, answer)) };
}

function resolveAnswer(rows: Rows, { holder, requesters, decision }: ChosenAnswer) {
  const place = placeText(holder);
  const found = rows.get(place);
  const row = found?.requesterCategories ?? [];
  const wholeRow = requesters === 'row';
  const places = wholeRow ? row.map((code): PlaceText => `c:${code}`) : requesters.map(placeText);
  const category = found === undefined ? {} : { category: found.dataCategory };
  return { holder: place, requesters: places, wholeRow, decision, ...category };
}

/** Writes one planned Consent and returns its versioned reference. */
async function write(
  unit: Unit,
  citizen: Citizen,
  plan: PlannedConsent,
  current: readonly ConsentRow[],
): Promise<string> {
  const before = current.find(({ id }) => id === plan.id);
  const { holder, category, pending } = plan;
  const answers = [...plan.answers];
  const { authority, ...provenance } = provenanceOf(citizen, before);
  const consent = consentOf({
    status: answers.length === 0 ? 'inactive' : pending ? 'proposed' : 'active',
    patient: citizen.reference,
    holder: place(holder),
    category,
    answers: answers.map(([requester, decision]) => ({ requester: place(requester), decision })),
    catalogueVersion: unit.register.catalogue.version,
    ...provenance,
  });
  const rule = { v: 1, holder, category, authority, pending, answers } as const;
  const draft = await draftConsent(unit, consent, citizen.patientKey, rule);
  const { content, search } = draft;
  const version = { id: before?.id ?? randomUUID(), recordedAt: citizen.now, content, search };
  const row =
    before === undefined
      ? await draft.insert(unit.sql, version)
      : await draft.update(unit.sql, { ...version, expected: before.version, method: 'update' });
  if (row === undefined) throw new Error('a consent that was locked could not be written');
  return `Consent/${row.id}/_history/${row.version}`;
}

type Provenance = Pick<ConsentContent, 'origin' | 'performer' | 'organization' | 'dateTime'> &
  Pick<StoredRule, 'authority'>;

/** A migrated Consent only ever loses answers here: what is left of it stays the provider's, or it would gain authority. */
function provenanceOf(citizen: Citizen, before: ConsentRow | undefined): Provenance {
  const authority = (before?.rule as StoredRule | null | undefined)?.authority ?? 'citizen';
  if (authority === 'citizen') {
    return { authority, origin: 'portal', performer: citizen.reference, dateTime: citizen.now };
  }
  const { performer, organization, dateTime = '' } = before?.content as Consent;
  const recordedBy = organization?.[0]?.reference;
  return {
    authority,
    origin: 'migration',
    performer: performer?.[0]?.reference ?? citizen.reference,
    dateTime: readDateRange(dateTime)?.from ?? citizen.now,
    ...(recordedBy === undefined ? {} : { organization: recordedBy }),
  };
}

function place(text: PlaceText) {
  const read = readPlace(text);
  if (read === undefined) throw new Error('a place of our own making cannot be read');
  return read;
}
