import type { Coding, Consent, ConsentProvision, Extension, Narrative } from '@medplum/fhirtypes';
import { type Catalogue, DATA_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Answer } from '../decision/consent-profile.ts';
import type { Instant } from '../decision/question.ts';
import { readPlace } from '../decision/stored-rule.ts';
import { answerFor, LAW, SCOPE_SYSTEM } from './consent-resource.ts';
import type { HolderProfile } from './holder-profile.ts';
import { PARTICIPATION_SYSTEM, PURPOSE_SYSTEM } from './identifiers.ts';

const PROVIDER_CATEGORY_EXTENSION = 'http://fhir.nl/StructureDefinition/OTV-ProviderCategory';

/** Addresses, in the same Bundle, of those the Consents are about. */
interface Parties {
  readonly patient: string;
  readonly organization: string;
}

/** What one of the two Consents lists. */
interface Listed {
  readonly categories: readonly string[];
  readonly uras: readonly string[];
}

interface Told {
  readonly recordedAt: Instant;
  readonly profile: HolderProfile;
}

/**
 * The profile as Mitz-shaped Consents: an active one that lists the requesters with yes, an inactive one without type that
 * lists those with no. One that would list nobody is left out: a permit without a list could be read as one for everybody.
 */
export function notifiedConsents(
  catalogue: Catalogue,
  parties: Parties,
  { recordedAt, profile }: Told,
): { readonly name: Answer['decision']; readonly resource: Consent }[] {
  return (['permit', 'deny'] as const).flatMap((name) => {
    const listed = listedIn(profile[name]);
    if (listed.categories.length + listed.uras.length === 0) return [];
    const names = namesOf(catalogue, listed);
    const version = profile.catalogueVersion;
    const category = categoryCoding(catalogue, profile);
    return [
      {
        name,
        resource: {
          resourceType: 'Consent',
          text: narrative(name, category.display ?? category.code ?? '', names),
          ...(listed.categories.length === 0
            ? {}
            : { extension: listed.categories.map((code) => categoryExtension(catalogue, version, code)) }),
          status: name === 'permit' ? 'active' : 'inactive',
          scope: { coding: [{ system: SCOPE_SYSTEM, code: 'patient-privacy' }] },
          category: [{ coding: [category] }],
          patient: { reference: parties.patient },
          dateTime: new Date(recordedAt).toISOString(),
          policy: [{ uri: LAW }],
          provision: provisionOf(name, parties, listed),
        },
      },
    ];
  });
}

function listedIn(places: HolderProfile['permit']): Listed {
  const read = places.flatMap((text) => readPlace(text) ?? []);
  return {
    categories: read.flatMap((place) => (place.kind === 'category' ? [place.code] : [])),
    uras: read.flatMap((place) => (place.kind === 'organisation' ? [place.ura] : [])),
  };
}

function categoryCoding(
  catalogue: Catalogue,
  { catalogueVersion: version, dataCategory: code }: HolderProfile,
): Coding {
  const display = catalogue.dataCategories.get(code)?.names.nl;
  return { system: DATA_CATEGORY_SYSTEM, version, code, ...(display === undefined ? {} : { display }) };
}

function categoryExtension(catalogue: Catalogue, version: string, code: string): Extension {
  const display = catalogue.requesterCategories.get(code)?.names.nl;
  const coding = { system: REQUESTER_CATEGORY_SYSTEM, version, code, ...(display === undefined ? {} : { display }) };
  return { url: PROVIDER_CATEGORY_EXTENSION, valueCodeableConcept: { coding: [coding] } };
}

/** A yes for named organisations only is no yes as such: then the base rule refuses, and they are the exception to it. */
function provisionOf(
  name: Answer['decision'],
  { organization }: Parties,
  { categories, uras }: Listed,
): ConsentProvision {
  const type = categories.length === 0 ? ('deny' as const) : ('permit' as const);
  const places = uras.map((ura) => ({ kind: 'organisation', ura }) as const);
  return {
    ...(name === 'permit' ? { type } : {}),
    actor: [
      {
        role: { coding: [{ system: PARTICIPATION_SYSTEM, code: 'CST' }] },
        reference: { reference: organization },
      },
    ],
    purpose: [{ system: PURPOSE_SYSTEM, code: 'TREAT' }],
    ...(places.length === 0 ? {} : { provision: [answerFor(name, places)] }),
  };
}

function namesOf(catalogue: Catalogue, { categories, uras }: Listed): string[] {
  const named = categories.map((code) => catalogue.requesterCategories.get(code)?.names.nl ?? code);
  return [...named, ...uras.map((ura) => `de organisatie met URA-nummer ${ura}`)];
}

function narrative(name: Answer['decision'], data: string, names: readonly string[]): Narrative {
  const said = name === 'permit' ? 'Delen mag' : 'Delen mag niet';
  const text = escaped(`${said}. ${data} voor: ${names.join('; ')}.`);
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml" lang="nl">${text}</div>` };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
