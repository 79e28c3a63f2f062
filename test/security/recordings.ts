import type { Parameters } from '@medplum/fhirtypes';
import { settingsBody } from '../http/citizens.ts';
import { bundle, post } from '../http/bundle.ts';
import { endBody, grantBody, granted } from '../http/emergency.ts';
import { child, choose, codeOf, parent, said } from '../http/family.ts';
import { KINDS } from '../http/kinds.ts';
import { freshBsn, freshUra } from '../http/people.ts';
import { registered } from '../http/provider-choices.ts';
import { providerChoice } from '../http/provider-choices.ts';
import { choice, parameters } from '../http/questions.ts';
import { organization } from '../http/resources.ts';
import type { TestServer } from '../setup/test-server.ts';
import { GP } from '../http/people.ts';

/** A POST that records something, ready to be sent. */
export interface Recording {
  readonly as: string;
  readonly body: object;
}

/** Every address to which a POST records something, and one that does. Two calls make two that have nothing in common. */
export const RECORDINGS: Readonly<Record<string, (server: TestServer) => Promise<Recording>>> = {
  ...Object.fromEntries(KINDS.map(({ type, fresh }) => [`/${type}`, () => Promise.resolve(fresh())])),
  '/Consent/$choose': () => {
    const bsn = freshBsn();
    return Promise.resolve({ as: `citizen:${bsn}`, body: choice(bsn, 'all') });
  },
  '/Consent/$grant-emergency': () => Promise.resolve({ as: 'post', body: grantBody(freshBsn(), {}) }),
  '/Consent/$end-emergency': async (server) => {
    const bsn = freshBsn();
    return { as: `citizen:${bsn}`, body: endBody((await granted(server, bsn)).id) };
  },
  '/Consent/$pairing-code': async (server) => ({ as: `citizen:${await proposing(server)}`, body: parameters([]) }),
  '/Consent/$confirm': async (server) => {
    const code = await codeOf(server, await proposing(server));
    return { as: `citizen:${await parent(server)}`, body: confirmBody(code) };
  },
  '/Patient/$settings': () => Promise.resolve({ as: `citizen:${freshBsn()}`, body: settingsBody({ locked: true }) }),
  '/Patient/$delete-account': async (server) => {
    const bsn = freshBsn();
    await choose(server, bsn, 'all');
    return { as: `citizen:${bsn}`, body: parameters([]) };
  },
  '/': () =>
    Promise.resolve({
      as: 'admin',
      body: bundle('transaction', [post(organization(freshUra())), post(organization(freshUra()))]),
    }),
};

/** Addresses to which a POST records nothing, or what it records is told apart item by item (`$migrate`). */
export const NO_RECORDINGS: readonly string[] = [
  '/Consent/$check',
  '/Consent/$locate',
  '/Consent/$profile',
  '/Consent/$review',
  '/Consent/$migrate',
  '/Patient/$access-log',
  '/Subscription/$status',
  '/Subscription/$events',
  '/Subscription/:id/$status',
  '/Subscription/:id/$events',
];

export const confirmBody = (code: string): Parameters =>
  parameters([
    { name: 'code', valueString: code },
    { name: 'decision', valueCode: 'confirm' },
  ]) as Parameters;

/** A child whose choice waits for a parent. */
export async function proposing(server: TestServer): Promise<string> {
  const bsn = await child(server);
  await choose(server, bsn, said('permit'));
  return bsn;
}

/** A choice that a practice records together with its patient. */
export async function together(server: TestServer): Promise<Recording & { readonly bsn: string }> {
  const bsn = await registered(server, GP);
  return { bsn, as: 'gp', body: providerChoice(bsn, { way: 'together', option: 'all' }) };
}
