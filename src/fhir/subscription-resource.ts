import type { Extension, Subscription } from '@medplum/fhirtypes';

export const SUBSCRIPTION_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-subscription';
const SECRET_EXTENSION = 'https://akkoord.example/fhir/StructureDefinition/notification-secret';
const BIRTH_DATE_EXTENSION = 'http://fhir.nl/StructureDefinition/Patient.birthDate';
const GATEWAY_EXTENSION = 'http://fhir.nl/StructureDefinition/GatewaySystem';
const SOURCE_EXTENSION = 'http://fhir.nl/StructureDefinition/SourceSystem';

/** What a holder says when it registers a citizen as its patient. */
export interface Registration {
  readonly bsn: string;
  /** The holder, and the type of organisation as which it holds the record. */
  readonly ura: string;
  readonly holderType: string;
  /** Where notifications go. */
  readonly endpoint: string;
  /** FHIR date, complete or not. */
  readonly birthDate?: string;
  /** `urn:oid:…` of the gateway and of the system that holds the record. */
  readonly gatewaySystem?: string;
  readonly sourceSystem?: string;
}

/** The Subscription that a holder would send for this registration. */
export function subscriptionOf(registration: Registration): Subscription {
  const { bsn, ura, holderType, endpoint, birthDate, gatewaySystem, sourceSystem } = registration;
  const extension: Extension[] = [
    ...(birthDate === undefined ? [] : [{ url: BIRTH_DATE_EXTENSION, valueDate: birthDate }]),
    ...(gatewaySystem === undefined ? [] : [{ url: GATEWAY_EXTENSION, valueOid: gatewaySystem }]),
    ...(sourceSystem === undefined ? [] : [{ url: SOURCE_EXTENSION, valueOid: sourceSystem }]),
  ];
  return {
    resourceType: 'Subscription',
    ...(extension.length === 0 ? {} : { extension }),
    status: 'requested',
    reason: 'OTV',
    criteria: `Consent?_query=otv&patientid=${bsn}&providerid=${ura}&providertype=${holderType}`,
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
  };
}

/** Reads a Subscription back that was accepted once. */
export function registrationOf({ criteria, channel, extension }: Subscription): Registration {
  const asked = new URLSearchParams(criteria.slice(criteria.indexOf('?') + 1));
  const said = (url: string): Extension | undefined => extension?.find((one) => one.url === url);
  const birthDate = said(BIRTH_DATE_EXTENSION)?.valueDate;
  const gatewaySystem = said(GATEWAY_EXTENSION)?.valueOid;
  const sourceSystem = said(SOURCE_EXTENSION)?.valueOid;
  return {
    bsn: asked.get('patientid') ?? '',
    ura: asked.get('providerid') ?? '',
    holderType: asked.get('providertype') ?? '',
    endpoint: channel.endpoint ?? '',
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(gatewaySystem === undefined ? {} : { gatewaySystem }),
    ...(sourceSystem === undefined ? {} : { sourceSystem }),
  };
}

/** The Subscription with the secret under which its notifications are signed, as its owner is shown it. */
export function withSecret(subscription: Subscription, secret: string): Subscription {
  const extension = [...(subscription.extension ?? []), { url: SECRET_EXTENSION, valueString: secret }];
  return { ...subscription, extension };
}

/** The same without it: what is stored. */
export function withoutSecret({ extension = [], ...subscription }: Subscription): Subscription {
  const left = extension.filter(({ url }) => url !== SECRET_EXTENSION);
  return left.length === 0 ? subscription : { ...subscription, extension: left };
}

/** The secret a Subscription names, if any. */
export function secretIn({ extension }: Subscription): string | undefined {
  return extension?.find(({ url }) => url === SECRET_EXTENSION)?.valueString;
}

/** FHIRPath of the birth date in a Subscription that has one. */
export function birthDateExpression({ extension = [] }: Subscription): string {
  return `Subscription.extension[${extension.findIndex(({ url }) => url === BIRTH_DATE_EXTENSION)}].value`;
}
