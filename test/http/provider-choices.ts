import type { Bundle, Consent } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { entriesOf } from './answers.ts';
import { freshBsn, GP } from './people.ts';
import { choice, parameters, question } from './questions.ts';
import { URA_SYSTEM } from './resources.ts';
import { subscribe } from './subscriptions.ts';
import { spoken } from './emergency.ts';

/** One answer, in short; a holder or requester of eight digits is an organisation, else a category. Absent: the GP practice. */
export interface Answered {
  readonly holder?: string;
  readonly requesters?: readonly string[];
  readonly decision?: string;
}

/** What a provider records; what is left out is a permit for the GP practice, with the GP's button. */
export interface Recorded {
  readonly as?: string;
  /** Empty: none. */
  readonly way?: string;
  readonly option?: 'all' | 'none' | 'certain';
  readonly answers?: readonly Answered[];
  readonly reason?: string;
}

const isUra = (text: string) => /^\d{8}$/.test(text);

function partsOf({ holder = GP, requesters = [], decision = 'permit' }: Answered): object[] {
  return [
    isUra(holder)
      ? { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: holder } }
      : { name: 'holderCategory', valueCode: holder },
    ...requesters.map((one) =>
      isUra(one)
        ? { name: 'requester', valueIdentifier: { system: URA_SYSTEM, value: one } }
        : { name: 'requesterCategory', valueCode: one },
    ),
    { name: 'decision', valueCode: decision },
  ];
}

/** The body of such a `Consent/$choose`. */
export function providerChoice(bsn: string, { way = 'button', option = 'certain', answers, reason }: Recorded = {}) {
  const given = answers ?? (option === 'certain' ? [{}] : []);
  return parameters([
    ...choice(bsn, option, given.map(partsOf)).parameter,
    ...(way === '' ? [] : [{ name: 'way', valueCode: way }]),
    ...(reason === undefined ? [] : [{ name: 'reason', valueString: reason }]),
  ]);
}

export function record(
  server: TestServer,
  bsn: string,
  { as = 'gp', ...recorded }: Recorded = {},
): Promise<Answer<Bundle<Consent>>> {
  return server.fhir<Bundle<Consent>>('/Consent/$choose', { as, body: providerChoice(bsn, recorded) });
}

/** The same, and it must be recorded. Returns the Consents the provider is answered with. */
export async function recorded(server: TestServer, bsn: string, what: Recorded = {}): Promise<Consent[]> {
  const answer = await record(server, bsn, what);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return entriesOf<Consent>(answer);
}

/** A citizen whom these organisations have registered. */
export async function registered(server: TestServer, ...uras: readonly string[]): Promise<string> {
  const bsn = freshBsn();
  for (const ura of uras) await subscribe(server, bsn, ura);
  return bsn;
}

/** The citizen's Consents, of every status. */
export async function consentsOf(server: TestServer, bsn: string): Promise<Consent[]> {
  const query = '/Consent?status=active,proposed,inactive,rejected';
  return entriesOf<Consent>(await server.fhir(query, { as: `citizen:${bsn}` }));
}

/** What a Consent says about itself in one text: `button 00000659 active`. */
export function inShort({ extension, organization, provision, status }: Consent): string {
  const origin = extension?.find(({ url }) => url.endsWith('/origin'))?.valueCode;
  const holder = provision?.actor?.[0]?.reference.identifier?.value;
  return [origin, organization === undefined ? 'alone' : 'with', holder, status].join(' ');
}

/** What the exchange point is answered: `permit consent-given`. */
export async function asked(server: TestServer, bsn: string, holder: string, requester: string): Promise<string> {
  return spoken(await server.fhir('/Consent/$check', { as: 'exchange', body: question(bsn, { holder, requester }) }));
}
