import type { Consent, ConsentProvision, ConsentProvisionActor } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { DATA_CATEGORY_SYSTEM, HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Place } from '../decision/consent-profile.ts';
import { problem } from '../problem.ts';
import { isUra, PARTICIPATION_SYSTEM, URA_SYSTEM } from './identifiers.ts';

export interface RegisteredOrganization {
  readonly ura: string;
  /** Codes of its types. */
  readonly types: readonly string[];
}
/** The registered organisations a Consent names, each by its URA and by its literal reference (`Organization/4f1…`). */
export type Organizations = ReadonlyMap<string, RegisteredOrganization>;

/** An actor and where it stands, as FHIRPath. */
export interface StandingActor {
  readonly actor: ConsentProvisionActor;
  readonly expression: string;
}

/** The actors of one provision that have this role. */
export function actorsOf(
  actors: readonly ConsentProvisionActor[] | undefined,
  role: 'CST' | 'IRCP',
  expression: string,
): readonly StandingActor[] {
  const standing = (actors ?? []).map((actor, at) => ({ actor, expression: `${expression}.actor[${at}]` }));
  return standing.filter(({ actor }) =>
    actor.role.coding?.some(({ system, code }) => system === PARTICIPATION_SYSTEM && code === role),
  );
}

/** What a Consent's actors call organisations: URAs and literal references, to look up in the registry. */
export function organizationsNamedIn(consent: Consent): readonly string[] {
  const provisions = [consent.provision, ...(consent.provision?.provision ?? [])];
  const actors = provisions.flatMap((provision) => provision?.actor ?? []);
  return [...new Set(actors.map(nameOf).filter((name) => name !== undefined))];
}

/** The data category of a Consent; empty when it has none. */
export function dataCategoryIn(consent: Consent): string {
  return consent.category[0]?.coding?.find(({ system }) => system === DATA_CATEGORY_SYSTEM)?.code ?? '';
}

/** The place of a holder: a category, or an organisation that is registered. @throws Problem `invalid`. */
export function holderPlace(catalogue: Catalogue, organizations: Organizations, standing: StandingActor): Place {
  const code = categoryOf(standing, HOLDER_CATEGORY_SYSTEM);
  if (code === undefined) return { kind: 'organisation', ura: holderOrganization(organizations, standing).ura };
  if (catalogue.holderCategories.has(code)) return { kind: 'category', code };
  throw refuse('unknown-holder-category', 'Not a holder category in the catalogue.', standing);
}

/**
 * The place of a holder or requester as the actor says it, whatever catalogue and registry know of it (any more): enough for
 * a Consent that is not in force.
 *
 * @param organizations also those that are registered no longer
 * @throws Problem `invalid` for a literal reference to an organisation that never was.
 */
export function namedPlace(organizations: Organizations, standing: StandingActor): Place {
  const { reference, identifier } = standing.actor.reference;
  const ura = identifier?.system === URA_SYSTEM ? identifier.value : organizations.get(reference ?? '')?.ura;
  if (ura !== undefined) return { kind: 'organisation', ura };
  if (reference === undefined && identifier?.value !== undefined) return { kind: 'category', code: identifier.value };
  throw refuse('organization-not-found', 'The organisation is not registered.', standing);
}

/**
 * The Consent with the URA beside every literal reference to an organisation, so that it still says whom it is about when
 * that organisation is registered no longer.
 */
export function withUras(consent: Consent, organizations: Organizations): Consent {
  const { provision } = consent;
  if (provision === undefined) return consent;
  return { ...consent, provision: withUrasInside(provision, organizations) };
}

function withUrasInside(
  { actor, provision, ...rest }: ConsentProvision,
  organizations: Organizations,
): ConsentProvision {
  return {
    ...rest,
    ...(actor !== undefined && { actor: actor.map((one) => withUra(one, organizations)) }),
    ...(provision !== undefined && { provision: provision.map((inner) => withUrasInside(inner, organizations)) }),
  };
}

function withUra(actor: ConsentProvisionActor, organizations: Organizations): ConsentProvisionActor {
  const { reference } = actor;
  const ura = organizations.get(reference.reference ?? '')?.ura;
  if (ura === undefined || reference.reference === undefined || reference.identifier !== undefined) return actor;
  return { ...actor, reference: { ...reference, identifier: { system: URA_SYSTEM, value: ura } } };
}

/** The registered organisation that a holder actor names. @throws Problem `invalid`. */
export function holderOrganization(organizations: Organizations, standing: StandingActor): RegisteredOrganization {
  const registered = organizations.get(organizationName(organizations, standing));
  if (registered !== undefined) return registered;
  throw refuse('holder-not-registered', 'The holder organisation is not registered.', standing);
}

/** The place of a requester; one registered outside care only would never be honoured. @throws Problem `invalid`. */
export function requesterPlace(catalogue: Catalogue, organizations: Organizations, standing: StandingActor): Place {
  const code = categoryOf(standing, REQUESTER_CATEGORY_SYSTEM);
  if (code !== undefined) {
    if (catalogue.requesterCategories.has(code)) return { kind: 'category', code };
    throw refuse('unknown-requester-category', 'Not a requester category in the catalogue.', standing);
  }
  const name = organizationName(organizations, standing);
  const registered = organizations.get(name);
  if (registered !== undefined && !registered.types.some((type) => isEligible(catalogue, type))) {
    throw refuse('requester-not-eligible', 'This organisation can never be a requester.', standing);
  }
  return { kind: 'organisation', ura: registered?.ura ?? name };
}

function isEligible(catalogue: Catalogue, type: string): boolean {
  return catalogue.organisationTypes.get(type)?.requesterCategory !== undefined;
}

/** A URA, or a literal reference that is registered. An identifier beside a reference must say the same. */
function organizationName(organizations: Organizations, standing: StandingActor): string {
  const { reference, identifier } = standing.actor.reference;
  const ura = identifier?.system === URA_SYSTEM ? identifier.value : undefined;
  if (identifier !== undefined && (ura === undefined || !isUra(ura))) {
    throw refuse('place-unknown', 'The actor is no place that is known here.', standing);
  }
  const name = reference ?? ura;
  if (name === undefined) throw refuse('place-unknown', 'The actor is no place that is known here.', standing);
  if (reference === undefined) return name;
  const registered = organizations.get(reference);
  if (registered === undefined) throw refuse('organization-not-found', 'The organisation is not registered.', standing);
  if (ura === undefined || ura === registered.ura) return name;
  throw refuse('place-contradicts', 'The reference and the identifier name different organisations.', standing);
}

function nameOf({ reference }: ConsentProvisionActor): string | undefined {
  if (reference.reference !== undefined) return reference.reference;
  return reference.identifier?.system === URA_SYSTEM ? reference.identifier.value : undefined;
}

function categoryOf({ actor }: StandingActor, system: string): string | undefined {
  const { reference, identifier } = actor.reference;
  return reference === undefined && identifier?.system === system ? identifier.value : undefined;
}

function refuse(code: string, text: string, { expression }: StandingActor) {
  return problem('invalid', code, text, `${expression}.reference`);
}
