import { LIMIT_MS } from '../setup/test-database.ts';
import { settled } from './citizens.ts';
import { granted } from './emergency.ts';
import * as family from './family.ts';
import { EVENTS, queueIsEmpty, reachable, type ReceivedMail, speaking, useMails } from './mails.ts';
import { migrate, migrated, outcomesOf } from './migrating.ts';
import { freshBsn, GP, HOSPITAL, LABORATORY, PHARMACY, POST } from './people.ts';
import { choice } from './questions.ts';
import { consent } from './resources.ts';
import { subscribe } from './subscriptions.ts';

const { server, smtp } = useMails();

const NAMES = { name: [{ family: 'Kanariepiet', given: ['Ottoline'] }] };

const together = (bsn: string) => {
  const { parameter, ...rest } = choice(bsn, 'all');
  return { ...rest, parameter: [...parameter, { name: 'way', valueCode: 'together' }] };
};

const as = (bsn: string) => `citizen:${bsn}`;

type Happen = (bsn: string) => Promise<unknown>;

/** What a citizen may want to know: the event of the settings it is, and how it comes about. */
const HAPPENINGS: readonly (readonly [what: string, event: string, happen: Happen])[] = [
  [
    'a choice of their own',
    'choices-changed',
    (bsn) => server().fhir('/Consent/$choose', { as: as(bsn), body: choice(bsn, 'all') }),
  ],
  [
    'a Consent of their own',
    'choices-changed',
    (bsn) => server().fhir('/Consent', { as: as(bsn), body: consent(bsn) }),
  ],
  [
    'a choice that a provider recorded',
    'choices-changed',
    async (bsn) => {
      await subscribe(server(), bsn, GP);
      await server().fhir('/Consent/$choose', { as: 'gp', body: together(bsn) });
    },
  ],
  [
    'a migration',
    'choices-changed',
    async (bsn) => {
      await subscribe(server(), bsn, GP);
      const done = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
      expect(outcomesOf(done)).toEqual(['201 created']);
    },
  ],
  ['an emergency', 'emergency', (bsn) => granted(server(), bsn)],
  ['an emergency, as a change', 'choices-changed', (bsn) => granted(server(), bsn)],
  [
    'an attempt against the lock',
    'lock-attempt',
    async (bsn) => {
      await subscribe(server(), bsn, GP);
      await settled(server(), bsn, { locked: true });
      const { status } = await server().fhir('/Consent/$choose', { as: 'gp', body: together(bsn) });
      expect(status).toBe(403);
    },
  ],
  [
    'an attempt to migrate against the lock',
    'lock-attempt',
    async (bsn) => {
      await subscribe(server(), bsn, GP);
      await settled(server(), bsn, { locked: true });
      const done = await migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
      expect(outcomesOf(done)).toEqual(['403 locked-by-citizen']);
    },
  ],
];

const DUTCH = { subject: 'Er is iets nieuws in uw overzicht', language: 'nl' };
const ENGLISH = { subject: 'There is something new in your overview', language: 'en' };
/** What no mail may hold: who provides care, what was chosen and about what, and who the citizen is. */
async function substance(bsn: string): Promise<string[]> {
  const { catalogue, database, vault } = server().server.register;
  const { rows } = await database.query<{ content: { name: string } }>('select content from organization');
  const maps = [catalogue.dataCategories, catalogue.holderCategories, catalogue.requesterCategories];
  const categories = maps.flatMap((map) => [...map.values()].flatMap(({ names }) => [names.nl, names.en]));
  return [
    ...rows.map(({ content }) => content.name),
    ...[GP, POST, HOSPITAL, PHARMACY, LABORATORY],
    ...categories,
    ...[
      'GGC0',
      'RPZAC',
      'permit',
      'deny',
      'consent',
      'toestemming',
      'emergency',
      'spoed',
      'lock',
      'slot',
      'child',
      'kind',
    ],
    ...['Kanariepiet', 'Ottoline', bsn, vault.keyOf(bsn).toString('hex'), vault.keyOf(bsn).toString('base64url')],
  ];
}

/** The mail with what is its own left out: its id, its moment and its receiver. */
function shapeOf({ raw }: ReceivedMail, address: string): string {
  return raw
    .replace(/^Message-ID: <[0-9a-f-]{36}@akkoord\.example>\r$/m, 'Message-ID: ID\r')
    .replace(/^Date: .*\r$/m, 'Date: DATE\r')
    .replaceAll(address, 'ADDRESS');
}

describe('scenario 34: with e-mail on, a mail without substance is sent about', () => {
  const shapes = new Map<string, Set<string>>();

  describe.each([DUTCH, ENGLISH])('in $language', ({ subject, language }) => {
    it.each(HAPPENINGS)(
      '%s',
      async (_what, event, happen) => {
        const bsn = freshBsn();
        const address = await reachable(server(), smtp(), bsn, { more: { ...NAMES, ...speaking(language) } });
        await settled(server(), bsn, { emailOn: [event] });
        await happen(bsn);
        const [, mail] = await smtp().mailsTo(address, 2);
        if (mail === undefined) throw new Error('there is no mail');
        expect(mail.headers).toMatchObject({ subject, to: address, 'auto-submitted': 'auto-generated' });
        expect(mail.text).toContain(server().baseUrl);
        for (const word of await substance(bsn)) expect(mail.raw.toLowerCase()).not.toContain(word.toLowerCase());
        shapes.set(language, (shapes.get(language) ?? new Set()).add(shapeOf(mail, address)));
        await queueIsEmpty(server());
        expect(await smtp().mailsTo(address)).toHaveLength(2);
      },
      LIMIT_MS,
    );

    it('and it is the same mail, to the last letter, whatever happened', () => {
      expect(shapes.get(language)?.size).toBe(1);
    });
  });

  it('a test that can fail: the words are looked for in what such a mail could say', async () => {
    const words = await substance(freshBsn());
    for (const said of ['Huisartsenpraktijk De Linde', 'Behandelgegevens', 'Uw toestemming is gewijzigd']) {
      expect(words.some((word) => said.toLowerCase().includes(word.toLowerCase()))).toBe(true);
    }
  });
});

describe('no mail is sent', () => {
  it.each(HAPPENINGS)(
    'about %s when it is not wanted',
    async (_what, event, happen) => {
      const bsn = freshBsn();
      const address = await reachable(server(), smtp(), bsn);
      const others = EVENTS.filter((one) => one !== event && one !== 'choices-changed' && one !== 'emergency');
      await settled(server(), bsn, { emailOn: others.length === 0 ? ['none'] : others });
      await happen(bsn);
      await queueIsEmpty(server());
      expect(await smtp().mailsTo(address)).toHaveLength(1);
    },
    LIMIT_MS,
  );

  it('by nobody who settled nothing', async () => {
    const bsn = freshBsn();
    const address = await reachable(server(), smtp(), bsn);
    await family.choose(server(), bsn, 'all');
    await queueIsEmpty(server());
    expect(await smtp().mailsTo(address)).toHaveLength(1);
  });

  it('about a choice that was refused, or that changed nothing', async () => {
    const bsn = freshBsn();
    const address = await reachable(server(), smtp(), bsn);
    await settled(server(), bsn, { emailOn: EVENTS });
    expect((await server().fhir('/Consent/$choose', { as: 'gp', body: together(bsn) })).status).toBe(403);
    await family.choose(server(), bsn, family.said('clear'));
    await queueIsEmpty(server());
    expect(await smtp().mailsTo(address)).toHaveLength(1);
  });

  it('about what a transaction undid', async () => {
    const bsn = freshBsn();
    const address = await reachable(server(), smtp(), bsn);
    await settled(server(), bsn, { emailOn: EVENTS });
    const entry = [
      { request: { method: 'POST', url: 'Consent/$choose' }, resource: choice(bsn, 'all') },
      { request: { method: 'POST', url: 'Consent/$choose' }, resource: choice(freshBsn(), 'all') },
    ];
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server().fhir('/', { as: as(bsn), body })).status).toBe(403);
    await queueIsEmpty(server());
    expect(await smtp().mailsTo(address)).toHaveLength(1);
  });
});

describe('one mail is sent', () => {
  it('for a transaction that records twice', async () => {
    const bsn = freshBsn();
    const address = await reachable(server(), smtp(), bsn);
    await settled(server(), bsn, { emailOn: EVENTS });
    const entry = ['all', 'none'].map((option) => ({
      request: { method: 'POST', url: 'Consent/$choose' },
      resource: choice(bsn, option as 'all' | 'none'),
    }));
    const body = { resourceType: 'Bundle', type: 'transaction', entry };
    expect((await server().fhir('/', { as: as(bsn), body })).status).toBe(200);
    await queueIsEmpty(server());
    expect(await smtp().mailsTo(address)).toHaveLength(2);
  });
});

describe('a family that wants mails about each other', () => {
  it(
    'gets them: the child about the decision, the parent who is known about the next proposal',
    async () => {
      const child = await family.child(server());
      const parent = await family.parent(server());
      const more = (years: number) => ({ more: { birthDate: family.bornYearsAgo(years) } });
      const childs = await reachable(server(), smtp(), child, more(14));
      const parents = await reachable(server(), smtp(), parent, more(41));
      for (const bsn of [child, parent]) await settled(server(), bsn, { emailOn: ['family'] });

      await family.choose(server(), child, family.said('permit'));
      await queueIsEmpty(server());
      expect([await smtp().mailsTo(childs), await smtp().mailsTo(parents)].map(({ length }) => length)).toEqual([1, 1]);

      await family.settle(server(), child, parent);
      await queueIsEmpty(server());
      expect([await smtp().mailsTo(childs), await smtp().mailsTo(parents)].map(({ length }) => length)).toEqual([2, 1]);

      await family.choose(
        server(),
        child,
        family.said('permit', { holderCategory: 'APO', requesterCategory: 'RPZAC001' }),
      );
      await queueIsEmpty(server());
      expect([await smtp().mailsTo(childs), await smtp().mailsTo(parents)].map(({ length }) => length)).toEqual([2, 2]);
    },
    LIMIT_MS,
  );
});
