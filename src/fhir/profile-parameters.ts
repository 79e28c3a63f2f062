import type { Consent, Identifier, Parameters, ParametersParameter } from '@medplum/fhirtypes';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { HOLDER_CATEGORY_SYSTEM, REQUESTER_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import type { Answer, ConsentVersion, Place } from '../decision/consent-profile.ts';
import type { Instant } from '../decision/question.ts';
import type { Origin } from './consent-resource.ts';
import type { Bsn } from './identifiers.ts';
import { URA_SYSTEM } from './identifiers.ts';
import { bsnOf } from './parameter-codes.ts';
import { readParameters } from './parameters.ts';

/** One answer of the consent profile as the citizen sees it. */
export interface ProfileCell {
  readonly holderPlace: Place;
  readonly requesterPlace: Place;
  readonly decision: Answer['decision'];
  readonly status: Consent['status'];
  readonly origin: Origin;
  readonly recordedAt: Instant;
  /** Literal reference to the recording organisation, or to who gave the answer. */
  readonly recordedBy?: string;
  readonly consent: ConsentVersion;
}

/** Reads the input of `Consent/$profile`: whose profile. @throws Problem `malformed`. */
export function readProfileRequest(body: unknown): Bsn {
  return bsnOf(readParameters({ patient: { value: 'valueIdentifier', min: 1 } } as const, body).patient[0]);
}

/** The output of `Consent/$profile`: a cell for each answer, in catalogue order, organisations after categories. */
export function writeProfile(catalogue: Catalogue, cells: readonly ProfileCell[]): Parameters {
  const rank = rankOf(catalogue);
  const sorted = [...cells].sort((one, other) => rank(one) - rank(other));
  return { resourceType: 'Parameters', parameter: sorted.map((cell) => ({ name: 'cell', part: sayCell(cell) })) };
}

function sayCell(cell: ProfileCell): ParametersParameter[] {
  const { holderPlace, requesterPlace, recordedBy } = cell;
  return [
    { name: 'holderPlace', valueIdentifier: placeIdentifier(holderPlace, HOLDER_CATEGORY_SYSTEM) },
    { name: 'requesterPlace', valueIdentifier: placeIdentifier(requesterPlace, REQUESTER_CATEGORY_SYSTEM) },
    { name: 'decision', valueCode: cell.decision },
    { name: 'status', valueCode: cell.status },
    { name: 'origin', valueCode: cell.origin },
    { name: 'recordedAt', valueInstant: new Date(cell.recordedAt).toISOString() },
    ...(recordedBy === undefined ? [] : [{ name: 'recordedBy', valueReference: { reference: recordedBy } }]),
    { name: 'consent', valueReference: { reference: cell.consent } },
  ];
}

/** A place as `$profile` names it; `categories` is the system of its code when it is a category. */
export function placeIdentifier(place: Place, categories: string): Identifier {
  return place.kind === 'category'
    ? { system: categories, value: place.code }
    : { system: URA_SYSTEM, value: place.ura };
}

/** Where two places stand in a list of answers: in catalogue order, organisations after categories. */
export function rankOf(catalogue: Catalogue): (cell: Pick<ProfileCell, 'holderPlace' | 'requesterPlace'>) => number {
  const holders = [...catalogue.holderCategories.keys()];
  const requesters = [...catalogue.requesterCategories.keys()];
  const place = (codes: readonly string[], one: Place): number =>
    one.kind === 'category' ? codes.indexOf(one.code) : codes.length;
  return (cell) => place(holders, cell.holderPlace) * (requesters.length + 1) + place(requesters, cell.requesterPlace);
}
