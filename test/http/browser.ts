interface Kept {
  readonly value: string;
  readonly path: string;
}

/** What a browser was shown. */
export interface Shown {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Where it ended, after every redirect. */
  readonly url: URL;
}

/**
 * As much of a browser as signing in needs: it keeps cookies by name and path, sends those that a path is for, follows
 * redirects, and says which page sent a form.
 */
export class Browser {
  /** By name; a browser would also keep two of one name for two paths. */
  readonly cookies = new Map<string, Kept>();
  /** Every address it was at, and every cookie it was given, as they were. */
  readonly seen: string[] = [];
  readonly #home: string;
  readonly #listening: string;

  /** @param home the address the server goes by @param listening where it really is, if that is elsewhere */
  constructor(home: string, listening = home) {
    this.#home = home;
    this.#listening = listening;
  }

  /** Goes to an address, and on to wherever it is sent. */
  async go(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Shown> {
    return this.#follow(await this.step(path, { headers }), headers);
  }

  /** Sends a form from a page of the same origin, and goes on to wherever it is sent. */
  async submit(path: string, form: Readonly<Record<string, string>>): Promise<Shown> {
    const headers = { 'Sec-Fetch-Site': 'same-origin', 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.#follow(await this.step(path, { method: 'POST', headers, body: new URLSearchParams(form).toString() }));
  }

  /** One request, without going on. */
  async step(path: string, init: RequestInit = {}): Promise<Shown> {
    const url = new URL(path, this.#home);
    this.seen.push(url.href);
    const headers = { ...(init.headers as Record<string, string> | undefined), Cookie: this.#cookiesFor(url) };
    const response = await fetch(url.href.replace(this.#home, this.#listening), {
      ...init,
      headers,
      redirect: 'manual',
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return { status: response.status, headers: response.headers, text: await response.text(), url };
  }

  async #follow(shown: Shown, headers: Readonly<Record<string, string>> = {}): Promise<Shown> {
    const next = shown.headers.get('location');
    if (shown.status < 300 || shown.status >= 400 || next === null) return shown;
    return this.go(new URL(next, shown.url).href, headers);
  }

  #cookiesFor(url: URL): string {
    const sent = [...this.cookies].filter(([, { path }]) => path === '/' || url.pathname.startsWith(path));
    return sent.map(([name, { value }]) => `${name}=${value}`).join('; ');
  }

  #keep(line: string): void {
    this.seen.push(line);
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const mark = pair.indexOf('=');
    const [name, value] = [pair.slice(0, mark), pair.slice(mark + 1)];
    const attribute = (key: string) =>
      attributes.find((one) => one.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
    const expires = attribute('expires');
    const isGone = attribute('max-age') === '0' || (expires !== undefined && Date.parse(expires) < Date.now());
    if (isGone) this.cookies.delete(name);
    else this.cookies.set(name, { value, path: attribute('path') ?? '/' });
  }
}
