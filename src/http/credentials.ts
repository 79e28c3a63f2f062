import type { Request } from 'express';
import type { Credentials } from '../auth/identify.ts';

/** What a request says about who makes it. `url` is its address as the configuration spells it, without query. */
export function credentialsOf(request: Request, url: string): Credentials {
  const [authorization, dpop, clientCert] = ['authorization', 'dpop', 'client-cert'].map((name) => request.get(name));
  return {
    method: request.method,
    url,
    peer: request.socket.remoteAddress,
    headers: {
      ...(authorization === undefined ? {} : { authorization }),
      ...(dpop === undefined ? {} : { dpop }),
      ...(clientCert === undefined ? {} : { clientCert }),
    },
  };
}
