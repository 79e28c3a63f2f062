import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { AuthorizationServer, OauthAction } from '../auth/authorization-server.ts';
import type { ReadCertificate } from '../auth/client-certificate.ts';
import { serverMetadata, smartConfiguration } from '../auth/oauth-metadata.ts';
import { recordRefusal } from '../consent/perform.ts';
import { TOKEN_TARGETS } from '../consent/record-token-use.ts';
import type { Register } from '../consent/register.ts';
import { problem, problemOf } from '../problem.ts';
import { credentialsOf } from './credentials.ts';
import type { DoorTimes } from './door-limits.ts';
import { sendOauthProblem } from './oauth-problem.ts';
import { readBytes } from './read-body.ts';

/** What the addresses below `/oauth` are answered with. */
export interface OauthServer {
  readonly register: Register;
  readonly baseUrl: string;
  readonly authorization: AuthorizationServer;
  readonly readCertificate: ReadCertificate;
  readonly times: DoorTimes;
}

/** The authorisation server and the two places where it is described. */
export function oauthRoutes(server: OauthServer): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.get('/.well-known/oauth-authorization-server/oauth', describe(serverMetadata(server.baseUrl)));
  router.get('/fhir/.well-known/smart-configuration', describe(smartConfiguration(server.baseUrl)));
  for (const action of ['token', 'introspect', 'revoke'] as const) {
    router.post(`/oauth/${action}`, (request, response) => answer(server, action, request, response));
  }
  router.use('/oauth', () => {
    throw problem('not-found', 'no-such-route', 'There is nothing at this address.');
  });
  router.use('/oauth', refuse);
  return router;
}

function describe(metadata: object) {
  return (_request: Request, response: Response): void => {
    response.locals['target'] = 'oauth.metadata';
    response.set('Cache-Control', 'no-store').json(metadata);
  };
}

async function answer(server: OauthServer, action: OauthAction, request: Request, response: Response): Promise<void> {
  const requestId = String(response.locals['requestId']);
  const target = TOKEN_TARGETS[action];
  response.locals['target'] = target;
  await readBytes(request, server.times.body).catch(async (error: unknown) => {
    throw await recordRefusal(server.register, { target, requestId }, error);
  });
  const { peer, headers } = credentialsOf(request, '');
  const certificate = server.readCertificate(peer, headers.clientCert);
  const type = request.get('content-type');
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const handed = {
    ...(type === undefined ? {} : { 'content-type': type }),
    ...(headers.authorization === undefined ? {} : { authorization: headers.authorization }),
    ...(headers.dpop === undefined ? {} : { dpop: headers.dpop }),
  };
  const question = { action, requestId, socket: request.socket, body, headers: handed };
  await server.authorization.answer(certificate === undefined ? question : { ...question, certificate }, response);
}

const refuse: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent || problemOf(error).kind === 'unavailable') next(error);
  else sendOauthProblem(response, problemOf(error));
};
