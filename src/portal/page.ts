import { createHash } from 'node:crypto';

/** In which languages pages are written. */
export type Language = 'nl' | 'en';

/** A page as it is sent: HTML, and what it may load and where its forms may go. */
export interface Page {
  readonly html: string;
  /** https://www.w3.org/TR/CSP3/ */
  readonly policy: string;
}

const STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}
input,select,button{font:inherit;padding:.4rem .6rem;margin:.3rem 0;max-width:100%;box-sizing:border-box}
input[type=text]{width:100%}label,legend{display:block}fieldset{margin:1rem 0}fieldset label{margin:.3rem 0}`;

/**
 * A page with its own style and at most one script of its own.
 * @param body HTML; what is not ours in it must be `escaped`
 */
export function renderPage(page: {
  readonly language: Language;
  readonly title: string;
  readonly body: string;
  readonly script?: string;
}): Page {
  const { language, title, body, script } = page;
  const html = `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
  return { html, policy: policyOf(script) };
}

/** Text as it may stand in HTML, between tags and in quoted attributes. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function policyOf(script: string | undefined): string {
  return [
    "default-src 'none'",
    ...(script === undefined ? [] : [`script-src '${hashOf(script)}'`]),
    `style-src '${hashOf(STYLE)}'`,
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text, 'utf8').digest('base64')}`;
}
