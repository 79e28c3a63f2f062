import { type Language, type Page, renderPage } from '../portal/page.ts';

/** What the page says: a form to fill in, or what came of it. */
type EmailPage = 'form' | 'confirmed' | 'not-confirmed';

// The code arrives in the fragment, which stays in the browser: nobody but its owner sends it, by pressing the button.
const SCRIPT = `const given = decodeURIComponent(location.hash.slice(1));
if (given) { document.querySelector('input').value = given; history.replaceState(null, '', location.pathname); }`;

const WORDS = {
  nl: {
    title: 'E-mailadres bevestigen',
    label: 'De code uit de e-mail',
    button: 'Bevestigen',
    confirmed: 'Uw e-mailadres is bevestigd. U kunt dit venster sluiten.',
    notConfirmed:
      'Deze code geldt niet, of niet meer. Hebt u uw adres al bevestigd, dan hoeft u niets te doen. Anders kunt u uw adres opnieuw opgeven.',
  },
  en: {
    title: 'Confirm an e-mail address',
    label: 'The code from the e-mail',
    button: 'Confirm',
    confirmed: 'Your e-mail address is confirmed. You can close this window.',
    notConfirmed:
      'This code does not count, or does not count any more. If you confirmed your address already, you need not do anything. Otherwise you can give your address again.',
  },
} as const;

/** The page. It holds nothing of the request, so there is nothing to escape. */
export function emailPage(page: EmailPage, language: Language): Page {
  const { title, confirmed, notConfirmed, ...words } = WORDS[language];
  if (page === 'form') return renderPage({ language, title, body: formOf(words), script: SCRIPT });
  const text = page === 'confirmed' ? confirmed : notConfirmed;
  return renderPage({ language, title, body: `<p role="status">${text}</p>` });
}

function formOf({ label, button }: { readonly label: string; readonly button: string }): string {
  return `<form method="post">
<label for="code">${label}</label>
<input type="text" id="code" name="code" required autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200">
<button>${button}</button>
</form>`;
}
