import type { Consent } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { idsOf } from '../http/answers.ts';
import { granted } from '../http/emergency.ts';
import { freshBsn, GP, HOSPITAL, LABORATORY, PHARMACY } from '../http/people.ts';
import { record } from '../http/provider-choices.ts';
import { choice, question } from '../http/questions.ts';
import { consent, patient } from '../http/resources.ts';
import { subscribe } from '../http/subscriptions.ts';
import { actor, holderCategory } from '../profiles/sample-consents.ts';
import { LIMIT_MS } from '../setup/test-database.ts';
import type { TestServer } from '../setup/test-server.ts';
import { arbitrarySearch, type Known } from './arbitrary-search.ts';
import { answerText, comparable, nextQuery, openTwoWorlds, type SentSearch, type TwoWorlds } from './two-worlds.ts';

/** Searches by each caller; `npm run test:interference` makes ten times as many. */
const QUERIES = Number(process.env['INTERFERENCE_QUERIES'] ?? 1_000) / 2;
/** Pages of a search that are followed. */
const PAGES = 2;

/** The citizen who looks, one whose holder looks, and the one who is a secret to both. */
const [OWN, CLIENT, SECRET] = [freshBsn(), freshBsn(), freshBsn()];

const CALLERS = [
  { caller: `citizen:${OWN}`, types: ['Patient', 'Consent', 'Organization', 'AuditEvent', 'Provenance'] },
  { caller: 'laboratory', types: ['Consent', 'Organization', 'Subscription', 'Provenance'] },
] as const;

const consentFor = (bsn: string, category: string) =>
  consent(bsn, { provision: { ...consent(bsn).provision, actor: [actor('CST', holderCategory(category))] } });

/** A citizen with everything a citizen can have. */
async function live(server: TestServer, bsn: string, holder: 'gp' | 'laboratory'): Promise<void> {
  const as = `citizen:${bsn}`;
  await server.fhir('/Patient', { as, body: patient(bsn) });
  await server.fhir('/Consent', { as, body: consent(bsn) });
  await subscribe(server, bsn, holder === 'gp' ? GP : LABORATORY);
  await record(server, bsn, { as: holder, way: 'together', option: 'all' });
  await server.fhir('/Consent/$choose', { as, body: choice(bsn, 'none') });
  await server.fhir('/Consent', { as, body: consentFor(bsn, 'HA') });
  await server.fhir('/Consent/$check', { as: 'exchange', body: question(bsn) });
}

/** Ids of what these callers may see, a few of each type. */
async function visibleTo(server: TestServer, caller: string, types: readonly string[]): Promise<string[]> {
  const found = types.map(async (type) => idsOf(await server.fhir(`/${type}?_lastUpdated=gt2000`, { as: caller })));
  return (await Promise.all(found)).flatMap((ids) => ids.slice(0, 3));
}

async function fill(server: TestServer): Promise<string[]> {
  await live(server, OWN, 'gp');
  await live(server, CLIENT, 'laboratory');
  const visible = CALLERS.map(({ caller, types }) => visibleTo(server, caller, types));
  return [...new Set((await Promise.all(visible)).flat())];
}

/** The secret looks like what is known, and comes upon the same citizens, holders and organisations. */
async function addSecret(server: TestServer): Promise<string[]> {
  await live(server, SECRET, 'gp');
  for (const ura of [PHARMACY, HOSPITAL]) await subscribe(server, SECRET, ura);
  await subscribe(server, CLIENT, GP);
  await record(server, CLIENT, { as: 'gp' });
  const { body } = await server.fhir<Consent>('/Consent', { as: `citizen:${CLIENT}`, body: consentFor(CLIENT, 'GGZ') });
  const grant = await granted(server, SECRET, { holders: [GP] });
  const ids = await visibleTo(server, `citizen:${SECRET}`, ['Patient', 'Consent', 'Provenance', 'AuditEvent']);
  return [body.id ?? '', grant.id, ...ids];
}

let worlds: TwoWorlds<string[], string[]>;
let known: Known;

beforeAll(async () => {
  worlds = await openTwoWorlds(fill, addSecret);
  const ids = [...worlds.known, ...worlds.secret, 'absent'];
  known = { ids, bsns: [OWN, CLIENT, SECRET, freshBsn()], uras: [GP, LABORATORY, '99999999'] };
}, LIMIT_MS);
afterAll(() => worlds.close(), LIMIT_MS);

interface Compared {
  readonly status: string;
  /** Pages that were the same. */
  readonly pages: number;
  /** Where the next one differs, in both. */
  readonly difference?: readonly string[];
}

/** How the two worlds answer one search, page by page, until they differ. */
async function compare(tokens: readonly [string, string], search: SentSearch): Promise<Compared> {
  const { plain, richer } = worlds;
  let [one, other] = [search, search];
  for (let pages = 0; ; pages += 1) {
    const texts = await Promise.all([answerText(plain, tokens[0], one), answerText(richer, tokens[1], other)]);
    const status = texts[0].slice(0, 3);
    const difference = differenceOf(comparable(texts[0]), comparable(texts[1]));
    if (difference !== undefined) return { status, pages, difference };
    const [next, nextThere] = [nextQuery(texts[0]), nextQuery(texts[1])];
    if (pages + 1 === PAGES || next === undefined || nextThere === undefined) return { status, pages: pages + 1 };
    one = { type: search.type, isForm: false, query: next };
    other = { ...one, query: nextThere };
  }
}

function differenceOf(one: string, other: string): readonly string[] | undefined {
  if (one === other) return undefined;
  let at = 0;
  while (one[at] === other[at]) at += 1;
  return [one, other].map((text) => text.slice(Math.max(0, at - 100), at + 100));
}

describe('what a caller may not see', () => {
  it('changes no answer to a search by them: not its matches, its total, its order, its pages or its refusals', async () => {
    const { plain, richer } = worlds;
    const { conformance } = plain.server.register;
    const tally: Record<string, number> = {};
    const start = Date.now();
    await Promise.all(
      CALLERS.map(async ({ caller, types }) => {
        const tokens = [await plain.token(caller), await richer.token(caller)] as const;
        await fc.assert(
          fc.asyncProperty(arbitrarySearch(conformance, types, known), async (search) => {
            const { status, pages, difference } = await compare(tokens, search);
            expect(difference).toBeUndefined();
            for (const key of [status, `${search.type} ${status}`, `${pages} pages`])
              tally[key] = (tally[key] ?? 0) + 1;
          }),
          { numRuns: QUERIES },
        );
      }),
    );
    console.log(`${QUERIES * 2} searches in ${Date.now() - start} ms: ${JSON.stringify(tally)}`);
    expect(tally['200']).toBeGreaterThan(QUERIES / 4);
  }, 600_000);

  it('changes no history of a type: not its versions, its total or its pages', async () => {
    const { plain, richer } = worlds;
    for (const { caller, types } of CALLERS) {
      const tokens = [await plain.token(caller), await richer.token(caller)] as const;
      for (const type of types.filter((one) => one !== 'AuditEvent' && one !== 'Provenance')) {
        for (const query of ['_count=1', '_count=1000', '_since=2026-01-01T00:00:00Z', '_since=2099-01-01T00:00:00Z']) {
          const history = { type: `${type}/_history`, isForm: false, query };
          expect((await compare(tokens, history)).difference).toBeUndefined();
        }
      }
    }
  });

  it('is noticed where it may be seen: the same searches by whom it concerns differ', async () => {
    const { plain, richer } = worlds;
    for (const [who, types] of [
      [`citizen:${SECRET}`, ['Patient', 'Consent', 'Provenance', 'AuditEvent']],
      ['gp', ['Consent', 'Subscription', 'Provenance']],
      ['auditor', ['AuditEvent']],
    ] as const) {
      const tokens = [await plain.token(who), await richer.token(who)] as const;
      for (const type of types) {
        if (type === 'Consent' || type === 'Subscription' || type === 'Patient') {
          const history = { type: `${type}/_history`, isForm: false, query: '_count=1' };
          expect((await compare(tokens, history)).difference).toBeDefined();
        }
        const total = { type, isForm: false, query: '_lastUpdated=gt2000&_total=accurate&_count=1' };
        expect((await compare(tokens, total)).difference).toBeDefined();
      }
    }
  });
});
