import type { Provenance, ProvenanceAgent, Reference } from '@medplum/fhirtypes';
import { CONSENT_QUESTIONS } from '../catalogue/catalogue.ts';
import { CATALOGUE_VERSION_EXTENSION, LAW } from './consent-resource.ts';
import { CLIENT_SYSTEM, URA_SYSTEM } from './identifiers.ts';

/** One recording for one citizen, as it is shown. */
export interface ShownRecording {
  readonly id: string;
  /** Milliseconds. */
  readonly recordedAt: number;
  readonly way: string;
  readonly reason?: string;
  readonly catalogueVersion: string;
  /** Versioned references to Consents. */
  readonly targets: readonly string[];
  /** Literal reference to the citizen for whom it was recorded, when that citizen has a Patient. */
  readonly patient?: string;
  readonly recorder: ShownRecorder;
}

export type ShownRecorder =
  /** A client, and the number of its organisation. */
  | { readonly clientId: string; readonly ura?: string }
  | 'citizen'
  /** Another citizen, by literal reference when that citizen has a Patient. */
  | { readonly parent: string | undefined };

type Who = Reference & ProvenanceAgent['who'];

const PROVENANCE_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-provenance';
const WAY_SYSTEM = 'https://akkoord.example/fhir/CodeSystem/recording-way';
const AGENT_TYPE_SYSTEM = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** The Provenance of a recording: https://hl7.org/fhir/R4/provenance.html. Nothing in it that was not recorded. */
export function provenanceOf(recording: ShownRecording): Provenance {
  const { id, way, reason, catalogueVersion, targets } = recording;
  const recorded = new Date(recording.recordedAt).toISOString();
  return {
    resourceType: 'Provenance',
    id,
    meta: { versionId: '1', lastUpdated: recorded, profile: [PROVENANCE_PROFILE] },
    extension: [{ url: CATALOGUE_VERSION_EXTENSION, valueString: catalogueVersion }],
    target: targets.map((reference) => ({ reference })),
    recorded,
    policy: [LAW, `${CONSENT_QUESTIONS}|${catalogueVersion}`],
    ...(reason === undefined ? {} : { reason: [{ text: reason }] }),
    activity: { coding: [{ system: WAY_SYSTEM, code: way }] },
    agent: agentsOf(recording),
  };
}

function agentsOf({ recorder, patient }: ShownRecording): ProvenanceAgent[] {
  if (recorder === 'citizen') return [agent('author', citizen(patient))];
  if ('parent' in recorder) return [agent('verifier', citizen(recorder.parent), citizen(patient))];
  const { clientId, ura } = recorder;
  const client = { identifier: { system: CLIENT_SYSTEM, value: clientId } };
  if (ura === undefined) return [agent('assembler', client, citizen(patient))];
  const organization = { identifier: { system: URA_SYSTEM, value: ura } };
  return [agent('assembler', client, organization), agent('enterer', organization, citizen(patient))];
}

/** https://hl7.org/fhir/R4/valueset-provenance-agent-type.html */
function agent(type: 'author' | 'verifier' | 'assembler' | 'enterer', who: Who, onBehalfOf?: Who): ProvenanceAgent {
  const rest = onBehalfOf === undefined ? {} : { onBehalfOf };
  return { type: { coding: [{ system: AGENT_TYPE_SYSTEM, code: type }] }, who, ...rest };
}

/** A citizen who has no Patient any more is a citizen still, and nobody in particular. */
function citizen(reference: string | undefined): Who {
  return reference === undefined ? { identifier: { system: CLIENT_SYSTEM, value: 'citizen' } } : { reference };
}
