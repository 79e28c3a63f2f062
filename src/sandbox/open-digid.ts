import type { Router } from 'express';
import type { LoginProvider } from '../auth/openid-login.ts';
import type { BsnVault } from '../consent/bsn-vault.ts';
import type { Log } from '../log.ts';
import { createDigid, digidLogin } from './digid.ts';
import { digidRoutes } from './digid-routes.ts';
import { openSandboxKeys } from './keys.ts';

/** The sandbox's stand-in for DigiD, ready to be mounted and to be signed in at. */
export async function openDigid(
  config: { readonly baseUrl: string; readonly dataDir: string; readonly host: string; readonly port: number },
  vault: BsnVault,
  log: Log,
): Promise<{ readonly login: LoginProvider; readonly router: Router }> {
  const { baseUrl } = config;
  const parts = { baseUrl, keys: await openSandboxKeys(config.dataDir), vault, log };
  return { login: digidLogin(parts, fromHere(config)), router: digidRoutes(baseUrl, await createDigid(parts), vault) };
}

type Fetch = NonNullable<LoginProvider['fetch']>;

/** The server asks itself, and its public address may lead nowhere from where it runs: a container, behind a proxy. */
function fromHere({
  baseUrl,
  host,
  port,
}: {
  readonly baseUrl: string;
  readonly host: string;
  readonly port: number;
}): Fetch {
  const here = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  const origin = `http://${here.includes(':') ? `[${here}]` : here}:${port}`;
  return (url, options) => fetch(`${origin}${url.slice(baseUrl.length)}`, options as RequestInit);
}
