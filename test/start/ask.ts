import { citizenToken, clientToken } from '../../src/sandbox/issue-token.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';

const BSN = 'http://fhir.nl/fhir/NamingSystem/bsn';
const URA = 'http://fhir.nl/fhir/NamingSystem/ura';

interface Part {
  readonly name: string;
  readonly part?: readonly Part[];
  readonly [value: `value${string}`]: unknown;
}

/** What an operation answered. */
export interface Reply {
  readonly status: number;
  readonly body: { readonly parameter?: readonly Part[]; readonly entry?: readonly { readonly resource: object }[] };
}

/** An access token of the sandbox whose keys lie in this data folder: for a client, or for `citizen:<bsn>`. */
export async function tokenIn(dataDir: string, who: string): Promise<string> {
  const keys = await openSandboxKeys(dataDir);
  return who.startsWith('citizen:') ? citizenToken(keys, who.slice('citizen:'.length)) : clientToken(keys, who);
}

/** Calls an operation of Consent. */
export async function ask(baseUrl: string, operation: string, token: string, parameter: object[]): Promise<Reply> {
  const response = await fetch(`${baseUrl}/fhir/Consent/$${operation}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Parameters', parameter }),
  });
  return { status: response.status, body: (await response.json()) as Reply['body'] };
}

export function patient(bsn: string): object {
  return { name: 'patient', valueIdentifier: { system: BSN, value: bsn } };
}

export function organization(name: 'holder' | 'requester', ura: string): object {
  return { name, valueIdentifier: { system: URA, value: ura } };
}

/** The value of the first parameter with this name. */
export function valueOf(reply: Reply, name: string): unknown {
  const found = Object.entries(reply.body.parameter?.find((parameter) => parameter.name === name) ?? {});
  return found.find(([key]) => key.startsWith('value'))?.[1];
}
