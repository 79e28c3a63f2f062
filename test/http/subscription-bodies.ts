import { randomUUID } from 'node:crypto';
import type { Extension, Subscription } from '@medplum/fhirtypes';
import { GP } from './people.ts';

export const SECRET_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/notification-secret';
const BIRTH_DATE = 'http://fhir.nl/StructureDefinition/Patient.birthDate';
const GATEWAY = 'http://fhir.nl/StructureDefinition/GatewaySystem';
const SOURCE = 'http://fhir.nl/StructureDefinition/SourceSystem';

/** A port of this machine on which nobody listens: what is notified here never leaves it. */
const NOBODY = 'https://127.0.0.1:9';

/** What a holder says beside who the patient is; what is left out is the GP practice. */
export interface Registered {
  readonly ura?: string;
  readonly type?: string;
  readonly endpoint?: string;
  readonly birthDate?: string;
  readonly gateway?: string;
  readonly source?: string;
  readonly header?: string[];
}

export const criteria = (bsn: string, ura = GP, type = 'Z3') =>
  `Consent?_query=otv&patientid=${bsn}&providerid=${ura}&providertype=${type}`;

export const birthDate = (valueDate: string): Extension => ({ url: BIRTH_DATE, valueDate });
export const gateway = (valueOid: string): Extension => ({ url: GATEWAY, valueOid });
export const source = (valueOid: string): Extension => ({ url: SOURCE, valueOid });

/** A Subscription as a holder sends it. */
export function subscription(bsn: string, registered: Registered = {}): Subscription {
  const { ura, type, endpoint = `${NOBODY}/notifications`, header } = registered;
  const extension = [
    ...(registered.birthDate === undefined ? [] : [birthDate(registered.birthDate)]),
    ...(registered.gateway === undefined ? [] : [gateway(registered.gateway)]),
    ...(registered.source === undefined ? [] : [source(registered.source)]),
  ];
  return {
    resourceType: 'Subscription',
    ...(extension.length === 0 ? {} : { extension }),
    status: 'requested',
    reason: 'OTV',
    criteria: criteria(bsn, ura, type),
    channel: {
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      ...(header === undefined ? {} : { header }),
    },
  };
}

/** An endpoint that no other test has. */
export const freshEndpoint = () => `${NOBODY}/${randomUUID()}`;
