import type { Credentials } from '../auth/identify.ts';
import { type Arrived, headerOf } from './step.ts';

/** What a request says about who makes it. `url` is its address as the configuration spells it, without query. */
export function credentialsOf(request: Arrived, url: string): Credentials {
  const [authorization, dpop, clientCert] = ['authorization', 'dpop', 'client-cert'].map((name) =>
    headerOf(request, name),
  );
  return {
    method: request.method ?? '',
    url,
    peer: request.socket.remoteAddress,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(dpop === undefined ? {} : { dpop }),
      ...(clientCert === undefined ? {} : { clientCert }),
    },
  };
}
