import type { Language } from '../storage/mail-address.ts';

/** What a mail says. The one about news is the same whatever the news is: its arrival must tell nothing more. */
export interface MailText {
  readonly subject: string;
  readonly text: string;
}

/** That there is something to see. @param baseUrl where to look */
export function newsText(language: Language, baseUrl: string): MailText {
  if (language === 'en') {
    return {
      subject: 'There is something new in your overview',
      text: `There is something new in your overview.

What it is does not stand in this e-mail.
Only you can see it, after signing in at
${baseUrl}

You get this e-mail because you asked for it.
You can change that in your settings.
It was sent automatically; an answer to it is not read.
`,
    };
  }
  return {
    subject: 'Er is iets nieuws in uw overzicht',
    text: `Er is iets nieuws in uw overzicht.

Wat het is, staat niet in deze e-mail.
Alleen u kunt het zien, na het inloggen op
${baseUrl}

U krijgt deze e-mail omdat u daarom hebt gevraagd.
In uw instellingen kunt u dat veranderen.
De e-mail is automatisch verstuurd; een antwoord erop wordt niet gelezen.
`,
  };
}

/** Asks the owner of an address to confirm it. The code stands in the fragment, which no browser sends to a server. */
export function confirmationText(language: Language, baseUrl: string, code: string): MailText {
  const page = `${baseUrl}/email/confirm`;
  if (language === 'en') {
    return {
      subject: 'Confirm your e-mail address',
      text: `Someone gave this e-mail address as theirs.
Was it you? Then confirm it within 24 hours:
${page}#${code}

If the link does not work, open ${page}
and enter this code: ${code}

Was it not you? Then you need not do anything:
nothing more is sent to this address.
`,
    };
  }
  return {
    subject: 'Bevestig uw e-mailadres',
    text: `Iemand heeft dit e-mailadres opgegeven.
Was u dat? Bevestig het dan binnen 24 uur:
${page}#${code}

Werkt de link niet, open dan ${page}
en vul deze code in: ${code}

Was u het niet? Dan hoeft u niets te doen:
er komt verder niets op dit adres.
`,
  };
}

/** Says that an account is gone. */
export function deletionText(language: Language): MailText {
  if (language === 'en') {
    return {
      subject: 'Your account was deleted',
      text: `Your account was deleted, as you asked.
Your personal data and settings are gone.

This is the last e-mail you get from us.
This e-mail address was not kept.
`,
    };
  }
  return {
    subject: 'Uw account is verwijderd',
    text: `Uw account is verwijderd, zoals u hebt gevraagd.
Uw persoonsgegevens en instellingen zijn weg.

Dit is de laatste e-mail die u van ons krijgt.
Dit e-mailadres is niet bewaard.
`,
  };
}
