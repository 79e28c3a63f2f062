import type { Request, Response } from 'express';
import type { Language, Page } from '../portal/page.ts';

/** Sends a page in the language that the reader prefers. It stays in no cache. */
export function sendPage(
  request: Request,
  response: Response,
  status: number,
  pageIn: (language: Language) => Page,
): void {
  const language = request.acceptsLanguages('nl', 'en') === 'en' ? 'en' : 'nl';
  const { html, policy } = pageIn(language);
  response.status(status).set('Cache-Control', 'no-store').set('Content-Security-Policy', policy);
  response.vary('Accept-Language').type('html').send(html);
}
