import { escaped, type Language, type Page, renderPage } from '../portal/page.ts';
import { SANDBOX_CITIZENS } from './people.ts';

/** The levels of DigiD, as OpenID says them: https://www.logius.nl/onze-dienstverlening/toegang/digid. Two are low in Europe. */
export const DIGID_LEVELS = [
  { level: 'basis', acr: 'http://eidas.europa.eu/LoA/low' },
  { level: 'midden', acr: 'http://eidas.europa.eu/LoA/low' },
  { level: 'substantial', acr: 'http://eidas.europa.eu/LoA/substantial' },
  { level: 'high', acr: 'http://eidas.europa.eu/LoA/high' },
] as const;

const WORDS = {
  nl: {
    title: 'De nagemaakte DigiD',
    about: 'Dit is geen echte DigiD, maar een proefomgeving met verzonnen mensen.',
    who: 'Als wie wilt u inloggen?',
    other: 'Of met een ander proefnummer (negen cijfers, begint met 9999)',
    level: 'Hoe wilt u inloggen?',
    levels: { basis: 'Basis', midden: 'Midden', substantial: 'Substantieel', high: 'Hoog' },
    signIn: 'Inloggen',
    cancel: 'Annuleren',
    unknown: 'Dit is geen proefnummer. Kies iemand uit de lijst, of vul een geldig nummer in dat begint met 9999.',
  },
  en: {
    title: 'The stand-in for DigiD',
    about: 'This is not the real DigiD but a sandbox with made-up people.',
    who: 'As whom do you want to sign in?',
    other: 'Or with another test number (nine digits, starting with 9999)',
    level: 'How do you want to sign in?',
    levels: { basis: 'Basic (basis)', midden: 'Middle (midden)', substantial: 'Substantial', high: 'High' },
    signIn: 'Sign in',
    cancel: 'Cancel',
    unknown: 'This is no test number. Choose somebody from the list, or give a valid number that starts with 9999.',
  },
} as const;

/** Where a tester says who signs in, and how surely. @param refused after a number that is not one of the sandbox's */
export function digidPage(language: Language, refused = false): Page {
  const words = WORDS[language];
  const citizens = SANDBOX_CITIZENS.map(
    ({ bsn, given, family }) => `<option value="${bsn}">${escaped(`${given} ${family}`)}, ${bsn}</option>`,
  );
  const levels = DIGID_LEVELS.map(
    ({ level }) =>
      `<label><input type="radio" name="level" value="${level}"${level === 'substantial' ? ' checked' : ''}> ${words.levels[level]}</label>`,
  );
  const body = `<p>${words.about}</p>
${refused ? `<p role="alert" id="refused">${words.unknown}</p>\n` : ''}<form method="post">
<label for="citizen">${words.who}</label>
<select id="citizen" name="citizen">
${citizens.join('\n')}
</select>
<label for="other">${words.other}</label>
<input type="text" id="other" name="other" inputmode="numeric" autocomplete="off" maxlength="9"${refused ? ' aria-invalid="true" aria-describedby="refused"' : ''}>
<fieldset>
<legend>${words.level}</legend>
${levels.join('\n')}
</fieldset>
<button name="do" value="sign-in">${words.signIn}</button>
<button name="do" value="cancel">${words.cancel}</button>
</form>`;
  return renderPage({ language, title: words.title, body });
}
