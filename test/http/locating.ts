import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { parseScopes } from '../../src/auth/scopes.ts';
import { openDesk } from '../../src/consent/perform.ts';
import { subscribe } from '../../src/consent/subscribe.ts';
import { type Registration, subscriptionOf } from '../../src/fhir/subscription-resource.ts';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { HOSPITAL } from './people.ts';
import { parameters } from './questions.ts';
import { BSN_SYSTEM, DATA_SYSTEM, TYPE_SYSTEM, URA_SYSTEM } from './resources.ts';

/** What a `$locate` asks, in short; what is left out is the hospital asking for everything. */
export interface Located {
  readonly requester?: string;
  readonly requesterType?: string;
  readonly dataCategory?: readonly string[];
}

/** The body of `Consent/$locate`. */
export function openQuestion(bsn: string, { requester = HOSPITAL, requesterType, dataCategory = [] }: Located = {}) {
  return parameters([
    { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
    { name: 'requester', valueIdentifier: { system: URA_SYSTEM, value: requester } },
    ...(requesterType === undefined
      ? []
      : [{ name: 'requesterType', valueCoding: { system: TYPE_SYSTEM, code: requesterType } }]),
    ...dataCategory.map((code) => ({ name: 'dataCategory', valueCoding: { system: DATA_SYSTEM, code } })),
  ]);
}

/** Every location in short: `00000659 Z3 GGC002 GGC012 GGC013`, with gateway and source system behind it. */
export function locationsIn({ body }: Answer<unknown>): string[] {
  return ((body as Parameters).parameter ?? []).map(({ name, part = [] }) => {
    expect(name).toBe('location');
    return part.map(inShort).join(' ');
  });
}

function inShort({ valueIdentifier, valueCoding, valueOid }: ParametersParameter): string {
  return valueIdentifier?.value ?? valueCoding?.code ?? valueOid ?? '';
}

/** Registers a citizen as the patient of a holder. */
export async function register(
  { server, baseUrl }: TestServer,
  registration: Omit<Registration, 'endpoint'>,
): Promise<void> {
  const { ura } = registration;
  const caller = { role: 'holder', clientId: 'test', ura, scopes: parseScopes(['system/Subscription.cruds']) } as const;
  const subscription = subscriptionOf({ ...registration, endpoint: `${baseUrl}/sandbox/notifications/${ura}` });
  const access = { caller, target: 'Subscription.create', requestId: 'test' } as const;
  await openDesk(server.register).run(access, (unit) => subscribe(unit, subscription));
}
