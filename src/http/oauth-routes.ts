import { type ErrorRequestHandler, type Request, type Response, Router } from 'express';
import type { AuthorizationServer, OauthAction, OauthRequest } from '../auth/authorization-server.ts';
import type { ReadCertificate } from '../auth/client-certificate.ts';
import type { Identify } from '../auth/identify.ts';
import { serverMetadata, smartConfiguration } from '../auth/oauth-metadata.ts';
import { recordRefusal } from '../consent/perform.ts';
import { TOKEN_TARGETS } from '../consent/record-token-use.ts';
import type { Register } from '../consent/register.ts';
import { problem, problemOf } from '../problem.ts';
import { clientRoutes } from './client-routes.ts';
import { credentialsOf } from './credentials.ts';
import type { DoorTimes } from './door-limits.ts';
import { sendOauthProblem } from './oauth-problem.ts';
import { LONGEST_FORM, readBytes } from './read-body.ts';

/** What the addresses below `/oauth` are answered with. */
export interface OauthServer {
  readonly register: Register;
  readonly baseUrl: string;
  readonly identify: Identify;
  /** The built-in authorisation server, when it is on. */
  readonly authorization?: AuthorizationServer;
  readonly readCertificate: ReadCertificate;
  readonly times: DoorTimes;
}

/** The registry of clients, the authorisation server and the two places where that is described. */
export function oauthRoutes(server: OauthServer): Router {
  const { authorization, baseUrl } = server;
  const router = Router({ caseSensitive: true, strict: true });
  router.use(clientRoutes(server));
  if (authorization !== undefined) {
    router.get('/.well-known/oauth-authorization-server/oauth', describe(serverMetadata(baseUrl)));
    router.get('/fhir/.well-known/smart-configuration', describe(smartConfiguration(baseUrl)));
    for (const action of ['token', 'introspect', 'revoke'] as const) {
      router.post(`/oauth/${action}`, async (request, response) => {
        const question = await questionOf(server, action, request, response);
        await authorization.answer(question, response);
      });
    }
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

async function questionOf(
  server: OauthServer,
  action: OauthAction,
  request: Request,
  response: Response,
): Promise<OauthRequest> {
  const requestId = String(response.locals['requestId']);
  const target = TOKEN_TARGETS[action];
  response.locals['target'] = target;
  await readBytes(request, server.times.body, LONGEST_FORM).catch(async (error: unknown) => {
    // Longer than any proof of who asks: answered as a request without one.
    if (problemOf(error).kind === 'too-large') return;
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
  return certificate === undefined ? question : { ...question, certificate };
}

const refuse: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent || problemOf(error).kind === 'unavailable') next(error);
  else sendOauthProblem(response, problemOf(error));
};
