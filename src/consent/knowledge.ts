import { type ConsentProfile, EMPTY_PROFILE } from '../decision/consent-profile.ts';
import { profileOf } from '../decision/stored-rule.ts';
import type { Sql } from '../storage/database.ts';
import { type DecisionRows, readForDecision, readForDecisionAt } from '../storage/decision-rows.ts';
import { grouped } from './by-citizen.ts';
import type { AdmittedItem } from './check-item.ts';
import { readKnownRule } from './read-known-rule.ts';

/** What the register knows at one moment, as far as a call needs it. */
export interface Knowledge {
  /** The database's clock, milliseconds. */
  readonly now: number;
  /** The registered types of an organisation; undefined when it is not registered. */
  typesOf(ura: string): readonly string[] | undefined;
  profileOf(patientKey: Buffer): ConsentProfile;
}

type Asked = Exclude<AdmittedItem, { problem: unknown }>;

/**
 * Reads what a call needs: everything about now in one statement; an item about another moment (an auditor's) by itself.
 * The result gives the knowledge for each item by its index.
 */
export async function readKnowledge(
  sql: Sql,
  admitted: readonly AdmittedItem[],
): Promise<(index: number) => Knowledge> {
  const asked = admitted.filter((one): one is Asked => 'item' in one);
  const current = asked.filter(({ item }) => item.at === undefined && item.knownAt === undefined);
  const rows = await readForDecision(sql, keysOf(current), urasOf(asked));
  const now = knowledgeOf(rows);
  const past = new Map<Asked, Knowledge>();
  for (const one of asked) {
    if (!current.includes(one)) past.set(one, await knowledgeAt(sql, one, rows.now));
  }
  return (index) => past.get(admitted[index] as Asked) ?? now;
}

/** The versions current at the moment asked about, as far as they were known at `knownAt`. */
async function knowledgeAt(sql: Sql, one: Asked, now: number): Promise<Knowledge> {
  const knownAt = one.item.knownAt ?? now;
  const moment = { versionsAt: Math.min(one.item.at ?? now, knownAt), knownAt };
  return knowledgeOf(await readForDecisionAt(sql, keysOf([one]), urasOf([one]), moment));
}

function keysOf(asked: readonly Asked[]): Buffer[] {
  return [...new Map(asked.map(({ patientKey }) => [patientKey.toString('hex'), patientKey])).values()];
}

function urasOf(asked: readonly Asked[]): string[] {
  return [...new Set(asked.flatMap(({ item }) => [item.holder.ura, item.requester.ura]))];
}

/** What rows read for a decision say. */
export function knowledgeOf(rows: DecisionRows): Knowledge {
  const types = new Map(rows.organizations.map(({ ura, types: registered }) => [ura, registered]));
  const consentsOf = grouped(rows.consents, ({ citizen }) => citizen);
  return {
    now: rows.now,
    typesOf: (ura) => types.get(ura),
    profileOf(patientKey) {
      const consents = consentsOf.get(patientKey.toString('hex'));
      if (consents === undefined) return EMPTY_PROFILE;
      return profileOf(
        consents.map(({ id, version, recordedAt, rule }) => ({
          source: `Consent/${id}/_history/${version}`,
          recordedAt,
          rule: readKnownRule(rule),
        })),
      );
    },
  };
}
