import type { Caller } from '../auth/caller.ts';
import type { Target } from '../auth/permissions.ts';
import { afterTheSame, idempotentDesk } from '../consent/idempotent-desk.ts';
import { type Desk, recordRefusal } from '../consent/perform.ts';
import type { Access } from '../consent/unit.ts';
import type { Register } from '../consent/register.ts';
import type { Exchange, FhirRequest, FhirResponse } from './fhir-exchange.ts';
import { namedRequest } from './named-request.ts';
import { findRoute, type Route } from './route-table.ts';

/** What every FHIR request is answered with. */
export interface FhirServer {
  readonly register: Register;
  readonly routes: readonly Route[];
  readonly baseUrl: string;
}

/** Who asks, established only when a route needs it, and the desk the work is done at. */
export interface Asker {
  readonly identify: () => Promise<Caller>;
  readonly desk: Desk;
  readonly requestId: string;
  readonly isTransaction: boolean;
  /**
   * Lets the caller in, and does the work when it is its turn.
   * @throws Problem too-many or unavailable, when nothing has been done; what the work throws
   */
  readonly admit: <T>(caller: Caller, target: Target, work: () => Promise<T>) => Promise<T>;
  /** For work that goes on after its answer has begun: some of it, when it is its turn. */
  readonly turn: Exchange['turn'];
  /** Told the row of the route table, for the metrics. */
  readonly onRoute: (target: Route['target']) => void;
}

/**
 * Route, caller, work: the one walk of every FHIR request, whether it came alone or in a Bundle. What fails before the
 * work has begun is recorded here.
 * @throws Problem, recorded
 */
export async function answerFhir(server: FhirServer, asker: Asker, request: FhirRequest): Promise<FhirResponse> {
  let access: Access = { target: 'unknown', requestId: asker.requestId };
  try {
    const { route, parameters } = findRoute(server.routes, request.method, request.segments);
    asker.onRoute(route.target);
    const { register, baseUrl } = server;
    if (route.target === 'public') return route.answer({ register, request, parameters, baseUrl });
    access = { target: route.target, requestId: asker.requestId };
    const caller = await asker.identify();
    access = { target: route.target, requestId: asker.requestId, caller };
    const { desk, requestId, isTransaction, turn } = asker;
    const named = route.records === true && !isTransaction ? (request.named ?? namedRequest(request)) : undefined;
    const asked = { register, request, parameters, baseUrl, desk, caller, requestId, isTransaction, turn };
    if (named === undefined) return await asker.admit(caller, route.target, () => route.handle(asked));
    const once = { ...asked, named, desk: idempotentDesk(desk, named) };
    return await asker.admit(caller, route.target, () =>
      afterTheSame(register, caller, named, () => route.handle(once)),
    );
  } catch (error) {
    // Recorded by the transaction as a whole, once its connection is free again.
    if (asker.isTransaction) throw error;
    const known = access.target === 'unknown' ? await callerIfKnown(asker) : {};
    throw await recordRefusal(server.register, { ...access, ...known }, error);
  }
}

/** Who knocks at an address that is none is worth knowing, but not worth another answer. */
async function callerIfKnown({ identify }: Asker): Promise<{ readonly caller?: Caller }> {
  return identify().then(
    (caller) => ({ caller }),
    () => ({}),
  );
}
