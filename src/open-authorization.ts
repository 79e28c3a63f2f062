import type { Router } from 'express';
import { createTokenVerifier, type TokenTrust } from './auth/access-token.ts';
import { verifyOnce } from './auth/verify-once.ts';
import { createAuthorizationServer } from './auth/authorization-server.ts';
import type { ClientCounts } from './auth/caller.ts';
import { certificateReader } from './auth/client-certificate.ts';
import { clientKeys } from './auth/client-keys.ts';
import { fetchForClients } from './auth/fetch-keys.ts';
import { createIdentify, type Identify } from './auth/identify.ts';
import { isInCare } from './catalogue/look-up.ts';
import type { Config } from './config.ts';
import { recordTokenUse } from './consent/record-token-use.ts';
import type { Register } from './consent/register.ts';
import { oauthRoutes } from './http/oauth-routes.ts';
import type { TogetherObserver } from './together.ts';

/** How callers are told apart, and what is mounted at `/oauth`: the registry of clients, and the server of tokens if it is on. */
export async function openAuthorization(
  { baseUrl, sandbox, authorizationServer, trustedProxies, privateNetworks, door }: Config,
  register: Register,
  tokens: TokenTrust | undefined,
  observer: TogetherObserver,
): Promise<{ readonly identify: Identify; readonly oauth: Router }> {
  const { database: sql, log, catalogue } = register;
  const counts: ClientCounts = ({ active, ura, types }) => active && (ura === undefined || isInCare(catalogue, types));
  const readCertificate = certificateReader(trustedProxies);
  const verify = tokens === undefined ? {} : { verify: verifyOnce(createTokenVerifier(tokens)) };
  const identify = createIdentify({ sql, readCertificate, counts, observer, ...verify });
  const server = { register, baseUrl, identify, readCertificate, times: door.times };
  if (!authorizationServer) return { identify, oauth: oauthRoutes(server) };
  const authorization = await createAuthorizationServer({
    sql,
    log,
    baseUrl,
    findKeys: clientKeys(fetchForClients({ isSandbox: sandbox, privateNetworks }), log),
    counts,
    record: (outcome) => recordTokenUse(register, outcome),
  });
  return { identify, oauth: oauthRoutes({ ...server, authorization }) };
}
