import type { Bundle, Consent, Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import type { Arrival } from './receiver.ts';

/** What a notification tells, in short. */
export interface Told {
  /** Requester categories with yes, and those with no. */
  readonly permit: readonly string[];
  readonly deny: readonly string[];
  /** Organisations named as requesters. */
  readonly permitNamed: readonly string[];
  readonly denyNamed: readonly string[];
}

const PROVIDER_CATEGORY = 'http://fhir.nl/StructureDefinition/OTV-ProviderCategory';

function resources({ entry = [] }: Bundle): Resource[] {
  return entry.flatMap(({ resource }) => resource ?? []);
}

export function consentsIn(bundle: Bundle): Consent[] {
  return resources(bundle).filter((resource): resource is Consent => resource.resourceType === 'Consent');
}

function categoriesOf(consent: Consent | undefined): string[] {
  const listed = (consent?.extension ?? []).filter(({ url }) => url === PROVIDER_CATEGORY);
  return listed.map(({ valueCodeableConcept }) => valueCodeableConcept?.coding?.[0]?.code ?? '');
}

function namedIn(consent: Consent | undefined): string[] {
  const actors = (consent?.provision?.provision ?? []).flatMap(({ actor = [] }) => actor);
  return actors.map(({ reference }) => reference.identifier?.value ?? '');
}

/** The profile that the Consents of one event hold. */
export function toldBy(consents: readonly Consent[]): Told {
  const permit = consents.find(({ status }) => status === 'active');
  const deny = consents.find(({ status }) => status === 'inactive');
  return {
    permit: categoriesOf(permit),
    deny: categoriesOf(deny),
    permitNamed: namedIn(permit),
    denyNamed: namedIn(deny),
  };
}

export function toldIn({ bundle }: Pick<Arrival, 'bundle'>): Told {
  return toldBy(consentsIn(bundle));
}

/** The parts of the status with which a notification, or an answer about events, begins. */
export function statusIn(bundle: Bundle): readonly ParametersParameter[] {
  return (resources(bundle)[0] as Parameters).parameter ?? [];
}

/** The numbers of the events in a Bundle, in order. */
export function numbersIn(bundle: Bundle): number[] {
  const events = statusIn(bundle).filter(({ name }) => name === 'notification-event');
  return events.map(({ part = [] }) => Number(part.find(({ name }) => name === 'event-number')?.valueString));
}

export function numberOf({ bundle }: Pick<Arrival, 'bundle'>): number {
  const [number = NaN] = numbersIn(bundle);
  return number;
}
