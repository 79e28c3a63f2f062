import { type Language, type Page, renderPage } from './page.ts';

const WORDS = {
  nl: {
    title: 'Niet gelukt',
    'assurance-too-low':
      'U bent niet ingelogd. Deze manier van inloggen geeft niet genoeg zekerheid over wie u bent: kies een inlogmiddel met het niveau substantieel of hoog.',
    'sign-in-cancelled': 'U bent niet ingelogd: het inloggen is afgebroken.',
    'sign-in-refused': 'U bent niet ingelogd. Begin opnieuw.',
    'sign-in-not-begun':
      'U bent niet ingelogd. Het inloggen is niet in dit venster begonnen, of het heeft te lang geduurd. Begin opnieuw.',
    'not-signed-in': 'U was niet (meer) ingelogd.',
    'cross-site-request': 'Dit verzoek kwam niet van een pagina van ons. Er is niets veranderd.',
    other: 'Dit lukt nu niet. Probeer het later opnieuw.',
    back: 'Naar het begin',
  },
  en: {
    title: 'That did not work',
    'assurance-too-low':
      'You are not signed in. This way of signing in does not give enough certainty about who you are: choose one of the level substantial or high.',
    'sign-in-cancelled': 'You are not signed in: signing in was cancelled.',
    'sign-in-refused': 'You are not signed in. Please begin again.',
    'sign-in-not-begun':
      'You are not signed in. Signing in was not begun in this window, or it took too long. Please begin again.',
    'not-signed-in': 'You were not signed in, or not any more.',
    'cross-site-request': 'This request did not come from a page of ours. Nothing has changed.',
    other: 'This is not possible now. Please try again later.',
    back: 'To the start',
  },
} as const;

/** What did not work, and why. @param code of the Problem */
export function refusalPage(language: Language, code: string): Page {
  const words = WORDS[language];
  const text = Object.hasOwn(words, code) ? words[code as keyof typeof words] : words.other;
  const body = `<p role="alert">${text}</p>\n<p><a href="/">${words.back}</a></p>`;
  return renderPage({ language, title: words.title, body });
}
