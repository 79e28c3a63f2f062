import { readdirSync, readFileSync } from 'node:fs';
import type { AskingError, Decision } from '../../src/decision/decision.ts';
import type { Party, Question } from '../../src/decision/question.ts';

/** One answer as the citizen gives it: without a requester it is about all requester categories of the row. */
export interface ChosenAnswer {
  readonly holderCategory?: string;
  readonly holder?: string;
  readonly requesterCategory?: readonly string[];
  readonly requester?: readonly string[];
  readonly decision: 'permit' | 'deny' | 'clear';
}

interface Choice {
  readonly option: 'all' | 'none' | 'certain';
  readonly answers?: readonly ChosenAnswer[];
  /** The sandbox client that records it with the citizen; absent: the citizen alone. */
  readonly by?: string;
  readonly way?: 'together' | 'button';
}

export interface RecordedAnswer {
  readonly holderCategory?: string;
  readonly holder?: string;
  readonly requesterCategory?: string;
  readonly requester?: string;
  readonly decision: 'permit' | 'deny';
  readonly origin: 'portal' | 'migration';
  readonly confirmation?: 'waiting' | 'confirmed' | 'rejected';
}

export interface RecordedGrant {
  readonly requester: string;
  readonly holders: 'all' | readonly string[];
  readonly dataCategory: string;
  readonly patientAgreed: 'agreed' | 'unable';
  readonly start: string;
  readonly end?: string;
}

export interface CatalogueGains {
  readonly version: string;
  readonly organisationType: { readonly code: string; readonly requesterCategory: string };
  readonly questions: readonly { readonly holderCategory: string; readonly requesterCategory: string }[];
}

export type Step =
  | { readonly choose: Choice; readonly refused?: string }
  | { readonly subscribed: string }
  | { readonly unsubscribed: string }
  | { readonly catalogueGains: CatalogueGains }
  | {
      readonly called: string;
      readonly answer: RecordedAnswer;
      /** A server reports it as decided by the citizen and records nothing. */
      readonly skipped?: true;
    }
  | { readonly called: string; readonly grant: RecordedGrant }
  | { readonly called: string; readonly unreadable: true };

export type Expected =
  | {
      readonly decision: Decision['decision'];
      readonly reason: Decision['reason'];
      readonly basedOn: readonly string[];
      readonly nextChangeAt?: string;
    }
  | { readonly error: AskingError };

export interface Ask {
  readonly holder: Party;
  readonly requester: Party;
  readonly dataCategory?: string | readonly string[];
  readonly purpose?: Question['purpose'];
  readonly at?: string;
  readonly expect: Expected | readonly (Expected & { readonly dataCategory: string })[];
}

/** One case file; its form is described in the README beside this file. */
export interface Case {
  readonly scenario: string;
  readonly title: string;
  readonly given: readonly Step[];
  readonly asks: readonly Ask[];
}

const FOLDER = new URL('cases/', import.meta.url);

/** Every case file, in the order of their names. */
export function readCases(): readonly Case[] {
  return readdirSync(FOLDER)
    .sort()
    .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as Case);
}
