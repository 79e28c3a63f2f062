import type { Parameters, ParametersParameter } from '@medplum/fhirtypes';
import { type Catalogue, DATA_CATEGORY_SYSTEM } from '../catalogue/catalogue.ts';
import { problem } from '../problem.ts';
import { type Bsn, URA_SYSTEM } from './identifiers.ts';
import { bsnOf, dataCategoryOf, organisationTypeOf, uraOf } from './parameter-codes.ts';
import { readParameters } from './parameters.ts';

/** The open question: which holders may share with this requester? Not yet checked against the registry. */
export interface LocateRequest {
  readonly bsn: Bsn;
  readonly requester: { readonly ura: string; readonly type?: string };
  /** Empty: every category. Never twice the same. */
  readonly dataCategories: readonly string[];
}

/** One place where a record may be had. */
export interface Location {
  readonly holder: { readonly ura: string; readonly type: string };
  /** What it may share, never empty. */
  readonly dataCategories: readonly string[];
  /** `urn:oid:…` */
  readonly gatewaySystem?: string;
  readonly sourceSystem?: string;
}

const MOST_CATEGORIES = 50;
const QUESTION = {
  patient: { value: 'valueIdentifier', min: 1 },
  requester: { value: 'valueIdentifier', min: 1 },
  requesterType: { value: 'valueCoding' },
  dataCategory: { value: 'valueCoding', max: MOST_CATEGORIES },
} as const;

/** Reads the input of `Consent/$locate`. @throws Problem `malformed` for its form, `invalid` for codes nobody knows. */
export function readLocate(catalogue: Catalogue, body: unknown): LocateRequest {
  const given = readParameters(QUESTION, body);
  const [requesterType] = given.requesterType;
  const dataCategories = given.dataCategory.map((category) => dataCategoryOf(catalogue, category));
  if (new Set(dataCategories).size < dataCategories.length) {
    throw problem(
      'malformed',
      'data-category-repeated',
      'A data category is asked twice in one question.',
      'Parameters',
    );
  }
  return {
    bsn: bsnOf(given.patient[0]),
    requester: {
      ura: uraOf(given.requester[0]),
      ...(requesterType && { type: organisationTypeOf(catalogue, requesterType, 'unknown-requester-type') }),
    },
    dataCategories,
  };
}

/** The output of `Consent/$locate`. Nobody may share and nobody is known look the same: no location. */
export function writeLocate(catalogue: Catalogue, locations: readonly Location[]): Parameters {
  const parameter = locations.map((location) => ({ name: 'location', part: sayLocation(catalogue, location) }));
  return { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
}

function sayLocation(catalogue: Catalogue, location: Location): ParametersParameter[] {
  const { holder, dataCategories, gatewaySystem, sourceSystem } = location;
  const system = catalogue.organisationTypes.get(holder.type)?.system;
  return [
    { name: 'holder', valueIdentifier: { system: URA_SYSTEM, value: holder.ura } },
    { name: 'holderType', valueCoding: { ...(system === undefined ? {} : { system }), code: holder.type } },
    ...dataCategories.map((code) => ({ name: 'dataCategory', valueCoding: { system: DATA_CATEGORY_SYSTEM, code } })),
    ...(gatewaySystem === undefined ? [] : [{ name: 'gatewaySystem', valueOid: gatewaySystem }]),
    ...(sourceSystem === undefined ? [] : [{ name: 'sourceSystem', valueOid: sourceSystem }]),
  ];
}
