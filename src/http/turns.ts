import type { Asker } from './answer-fhir.ts';
import type { DoorLimits } from './door-limits.ts';
import { laneOf } from './lane.ts';
import { busy, Lanes } from './lanes.ts';
import { watchLanes } from './metrics.ts';
import { callerLimit, noteKnown } from './rate-limits.ts';
import { isStreamed } from './read-body.ts';
import type { Arrived, Reply } from './step.ts';

type Turns = (request: Arrived, response: Reply) => Pick<Asker, 'admit' | 'turn'>;

/** How the callers of one server are let in: each no more often than it may, and each request when it is its lane's turn. */
export function openTurns({ rates, work }: DoorLimits): Turns {
  const limits = { client: callerLimit(rates.client), citizen: callerLimit(rates.citizen) };
  const lanes = new Lanes(work);
  const streams = new Set<Reply>();
  watchLanes((lane) => lanes.count(lane));
  const enter = (request: Arrived, response: Reply): void => {
    if (!isStreamed(request)) return;
    // Of a response that is closed already nobody says again that it is.
    if (response.closed || streams.size >= work.streams) throw busy();
    streams.add(response);
    response.once('close', () => streams.delete(response));
  };
  return (request, response) => ({
    admit: async (caller, target, doWork) => {
      noteKnown(response);
      limits[caller.role === 'citizen' ? 'citizen' : 'client'](response, caller);
      enter(request, response);
      return lanes.take(laneOf(target, sizeOf(request)), doWork, { leaving: response });
    },
    turn: (doWork) => lanes.take('bulk', doWork, { begun: true }),
  });
}

/** Bytes of the body that was read. */
function sizeOf({ body }: Arrived): number {
  return Buffer.isBuffer(body) ? body.length : 0;
}
