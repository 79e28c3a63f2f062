import type { CookieOptions, Request, Response } from 'express';

/** A cookie of this server, by what it is for. */
export type CookiePurpose = 'session' | 'sign-in';

/** Reads and writes the cookies of the citizens' pages. */
export interface SessionCookies {
  read(request: Request, purpose: CookiePurpose): string | undefined;
  /** @param life milliseconds; absent: until the browser is closed */
  write(response: Response, purpose: CookiePurpose, value: string, life?: number): void;
  clear(response: Response, purpose: CookiePurpose): void;
}

/**
 * Over https the names begin with `__Host-`: then a browser takes them from this host alone, and sends them to it alone
 * (https://www.ietf.org/archive/id/draft-ietf-httpbis-rfc6265bis-20.html#section-4.1.3.2). Over http, which only the sandbox
 * speaks, a browser refuses that.
 */
export function sessionCookies(baseUrl: string): SessionCookies {
  const secure = baseUrl.startsWith('https:');
  const options: CookieOptions = { httpOnly: true, secure, sameSite: 'lax', path: '/' };
  const nameOf = (purpose: CookiePurpose) => `${secure ? '__Host-' : ''}akkoord-${purpose}`;
  return {
    read: (request, purpose) => readCookie(request.get('cookie'), nameOf(purpose)),
    write(response, purpose, value, life) {
      response.cookie(nameOf(purpose), value, life === undefined ? options : { ...options, maxAge: life });
    },
    clear: (response, purpose) => response.clearCookie(nameOf(purpose), options),
  };
}

/** The value of a cookie; nothing when there are two of that name, of which one must be somebody else's. */
function readCookie(header = '', name: string): string | undefined {
  const values = header.split(';').flatMap((pair) => {
    const [key = '', ...value] = pair.split('=');
    return key.trim() === name ? [value.join('=').trim()] : [];
  });
  return values.length === 1 ? values[0] : undefined;
}
