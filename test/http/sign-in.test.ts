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
    expect(await sessionOf(browser)).toMatchObject({ assurance: 'substantial' });
    expect(await logOf(server(), bsn)).toEqual(['Session.create 0 substantial']);
  });
});
