import { createHash } from 'node:crypto';

type Language = 'nl' | 'en';

/** What the page says: a form to fill in, or what came of it. */
export type EmailPage = 'form' | 'confirmed' | 'not-confirmed';

// The code arrives in the fragment, which stays in the browser: nobody but its owner sends it, by pressing the button.
const SCRIPT = `const given = decodeURIComponent(location.hash.slice(1));
if (given) { document.querySelector('input').value = given; history.replaceState(null, '', location.pathname); }`;

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}
input,button{font:inherit;padding:.4rem .6rem;margin:.3rem 0;max-width:100%;box-sizing:border-box}input{width:100%}`;

/** Lets this page's own script and style run, and its form be sent here; nothing else. https://www.w3.org/TR/CSP3/ */
export const EMAIL_PAGE_POLICY = [
  "default-src 'none'",
  `script-src '${hashOf(SCRIPT)}'`,
  `style-src '${hashOf(STYLE)}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

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

/** The page as HTML. It holds nothing of the request, so there is nothing to escape. */
export function emailPage(page: EmailPage, language: Language): string {
  const words = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${words.title}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${words.title}</h1>
${page === 'form' ? formOf(words) : `<p role="status">${page === 'confirmed' ? words.confirmed : words.notConfirmed}</p>`}
</body>
</html>
`;
}

function formOf({ label, button }: { readonly label: string; readonly button: string }): string {
  return `<form method="post">
<label for="code">${label}</label>
<input id="code" name="code" required autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200">
<button>${button}</button>
</form>
<script>${SCRIPT}</script>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
