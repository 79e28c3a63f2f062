import type { Session } from '../auth/session.ts';
import { escaped, type Language, type Page, renderPage } from './page.ts';

const WORDS = {
  nl: {
    title: 'Uw toestemmingen',
    about:
      'Hier is vastgelegd welke zorgverleners uw medische gegevens mogen delen, en met wie. U kunt hier in- en uitloggen; uw keuzes ziet en wijzigt u nog niet op deze pagina.',
    signIn: 'Inloggen',
    noSignIn: 'Inloggen kan hier niet.',
    signedIn: 'U bent ingelogd.',
    level: 'Zekerheid van het inloggen',
    levels: { substantial: 'substantieel', high: 'hoog' },
    until: 'Ingelogd tot',
    longer: 'Opent u deze pagina opnieuw, dan duurt het langer: tot 15 minuten daarna, en nooit langer dan twee uur.',
    signOut: 'Uitloggen',
  },
  en: {
    title: 'Your consents',
    about:
      'This is where it is recorded which care providers may share your medical data, and with whom. You can sign in and out here; you cannot see or change your choices on this page yet.',
    signIn: 'Sign in',
    noSignIn: 'Signing in is not possible here.',
    signedIn: 'You are signed in.',
    level: 'Assurance of the sign-in',
    levels: { substantial: 'substantial', high: 'high' },
    until: 'Signed in until',
    longer: 'Opening this page again makes it last longer: until 15 minutes later, and never longer than two hours.',
    signOut: 'Sign out',
  },
} as const;

/**
 * Where a citizen begins: signed out or signed in.
 * @param signIn where signing in begins; absent when this server has none
 */
export function startPage(language: Language, session: Session | undefined, signIn: string | undefined): Page {
  const words = WORDS[language];
  const body = session === undefined ? signedOut(language, signIn) : signedIn(language, session);
  return renderPage({ language, title: words.title, body: `<p>${words.about}</p>\n${body}` });
}

function signedOut(language: Language, signIn: string | undefined): string {
  const words = WORDS[language];
  if (signIn === undefined) return `<p>${words.noSignIn}</p>`;
  return `<p><a href="${escaped(signIn)}">${words.signIn}</a></p>`;
}

function signedIn(language: Language, { assurance, expiresAt }: Session): string {
  const words = WORDS[language];
  const end = new Date(expiresAt);
  const time = end.toLocaleTimeString('nl-NL', { timeZone: 'Europe/Amsterdam', hour: '2-digit', minute: '2-digit' });
  return `<p role="status"><strong>${words.signedIn}</strong></p>
<dl>
<dt>${words.level}</dt><dd>${words.levels[assurance]}</dd>
<dt>${words.until}</dt><dd><time datetime="${end.toISOString()}">${time}</time></dd>
</dl>
<p>${words.longer}</p>
<form method="post" action="/logout"><button>${words.signOut}</button></form>`;
}
