import { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Caller } from '../auth/caller.ts';
import type { ClientMetadata } from '../auth/client-metadata.ts';
import type { Identify } from '../auth/identify.ts';
import type { Target } from '../auth/permissions.ts';
import { changeClient, disableClient, readClient, registerClient } from '../consent/client-registry.ts';
import { openDesk, recordRefusal } from '../consent/perform.ts';
import type { Register } from '../consent/register.ts';
import type { Unit } from '../consent/unit.ts';
import { problem } from '../problem.ts';
import { credentialsOf } from './credentials.ts';
import type { DoorTimes } from './door-limits.ts';
import { readBytes, readJsonBody } from './read-body.ts';

/** What the registry of clients is answered with. */
export interface ClientServer {
  readonly register: Register;
  readonly baseUrl: string;
  readonly identify: Identify;
  readonly times: DoorTimes;
}

/** What a caller asked for, inside its transaction. @returns the client to show; nothing when it is gone */
type Work = (unit: Unit, request: Request, id: string) => Promise<ClientMetadata | undefined>;

const PATH = '/oauth/register';

/**
 * The registry of clients, for admins: https://www.rfc-editor.org/rfc/rfc7591 and https://www.rfc-editor.org/rfc/rfc7592, with
 * the admin's access token in the place of one for each client.
 */
export function clientRoutes(server: ClientServer): Router {
  const router = Router({ caseSensitive: true, strict: true });
  const row = (target: Target, status: number, work: Work) => guarded(server, target, status, work);
  router.post(
    PATH,
    row('Client.create', 201, (unit, request) => registerClient(unit, bodyOf(request))),
  );
  router.get(
    `${PATH}/:id`,
    row('Client.read', 200, (unit, _request, id) => readClient(unit, id)),
  );
  router.put(
    `${PATH}/:id`,
    row('Client.update', 200, (unit, request, id) => changeClient(unit, id, bodyOf(request, id))),
  );
  router.delete(`${PATH}/:id`, row('Client.delete', 204, remove));
  return router;
}

async function remove(unit: Unit, _request: Request, id: string): Promise<undefined> {
  await disableClient(unit, id);
  return undefined;
}

/** A body that names the client it is for names this one. */
function bodyOf(request: Request, id?: string): unknown {
  const body = readJsonBody(request, false);
  const { client_id: named = id } = (body ?? {}) as { readonly client_id?: unknown };
  if (id !== undefined && named !== id)
    throw problem('invalid', 'client-id', 'This is about another client.', 'client_id');
  return body;
}

/** Who asks, whether they may, the work and its record: as for every row below `/fhir`. */
function guarded(server: ClientServer, target: Target, status: number, work: Work): RequestHandler {
  const desk = openDesk(server.register);
  return async (request, response) => {
    response.locals['target'] = target;
    const requestId = String(response.locals['requestId']);
    const refused = (access: { readonly caller?: Caller }) => async (error: unknown) => {
      throw await recordRefusal(server.register, { target, requestId, ...access }, error);
    };
    const credentials = credentialsOf(request, `${server.baseUrl}${request.path}`);
    const caller = await server.identify(credentials).catch(refused({}));
    await readBytes(request, server.times.body).catch(refused({ caller }));
    const { id = '' } = request.params as { id?: string };
    const client = await desk.run({ caller, target, requestId }, (unit) => work(unit, request, id));
    send(server, response, status, client);
  };
}

function send({ baseUrl }: ClientServer, response: Response, status: number, client: ClientMetadata | undefined): void {
  response.status(status).set('Cache-Control', 'no-store');
  if (client === undefined) response.end();
  else response.json({ ...client, registration_client_uri: `${baseUrl}${PATH}/${client.client_id}` });
}
