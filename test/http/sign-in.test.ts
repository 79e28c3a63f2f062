import { useTestServer } from '../setup/test-server.ts';
import { Browser } from './browser.ts';
import { freshBsn } from './people.ts';
import { logOf, sessionOf, signIn } from './signing-in.ts';

const server = useTestServer();

describe('a citizen', () => {
  it('signs in at the stand-in for DigiD, sees it, and signs out', async () => {
    const bsn = freshBsn();
    const browser = new Browser(server().baseUrl);
    expect((await browser.go('/')).text).toContain(`href="${server().baseUrl}/login"`);
    const page = await signIn(browser, bsn);
    expect([page.status, page.url.pathname]).toEqual([200, '/']);
    expect(page.text).toContain('<dd>substantieel</dd>');
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
    const { text } = await browser.submit('/logout', {});
    expect([text.includes('/login"'), await sessionOf(browser)]).toEqual([true, 401]);
    expect(await logOf(server(), bsn)).toEqual(['Session.create 0 substantial', 'Session.delete 0']);
  });

  it.each([
    ['under 16', '999999011'],
    ['a parent', '999990019'],
    ['of the list', '900186021'],
  ])('%s may sign in', async (_who, bsn) => {
    const browser = new Browser(server().baseUrl);
    const page = await browser.go('/login');
    await browser.submit(page.url.href, { citizen: bsn, other: '', level: 'high', do: 'sign-in' });
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'high' });
  });
});

describe('the pages', () => {
  /** Each as somebody comes upon it. */
  async function everyPage(language: string): Promise<string[]> {
    const headers = { 'Accept-Language': language };
    const browser = new Browser(server().baseUrl);
    const texts = [await browser.go('/', headers), await browser.go('/login', headers)];
    await signIn(browser, freshBsn());
    texts.push(await browser.go('/', headers), await browser.go('/login/callback', headers));
    return texts.map(({ text }) => text);
  }

  it.each([
    ['nl', 'Inloggen'],
    ['en', 'Sign in'],
  ])('are in the language of the reader: %s', async (language, word) => {
    const pages = await everyPage(language);
    for (const text of pages) expect(text).toContain(`<html lang="${language}">`);
    expect(pages.slice(0, 2).every((text) => text.includes(word))).toBe(true);
  });

  it('need no script, and have a label for each field', async () => {
    for (const text of await everyPage('nl')) {
      expect(text).not.toContain('<script');
      expect(text).not.toMatch(/ style=| on[a-z]+=/);
      const labelled = [...text.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id);
      const fields = [...text.matchAll(/<(?:input type="text"|select) id="([^"]+)"/g)].map(([, id]) => id);
      expect(labelled).toEqual(fields);
      expect(text).toMatch(/<main>\n<h1>/);
    }
  });
});
