import type { BundleEntry } from '@medplum/fhirtypes';
import { type Blocks, migrate, migratingOrganization } from '../consent/migrate.ts';
import type { ItemOutcome } from '../consent/migrate-chunk.ts';
import {
  type MigrationItem,
  migrationOutcome,
  readCollection,
  readMigrationLine,
  writeResponse,
} from '../fhir/migration-bundle.ts';
import type { Desk } from '../consent/perform.ts';
import { operationOutcome } from '../fhir/outcome.ts';
import { responseEntry } from '../fhir/response-bundle.ts';
import { problem } from '../problem.ts';
import type { Exchange, FhirRequest, FhirResponse } from './fhir-exchange.ts';
import { migratedItems } from './metrics.ts';
import { STATUS } from './problem-status.ts';
import { readLines } from './read-lines.ts';
import type { GuardedRoute } from './route-table.ts';

/** `Consent/$migrate`: a Bundle, or NDJSON of any length, answered while it is read. */
export function migrateRoute(): GuardedRoute {
  return { method: 'POST', path: '/Consent/$migrate', target: 'Consent.migrate', handle: migrateConsents };
}

/** The call is permitted, and in the log, before anything of it is done. */
async function migrateConsents({ desk, caller, requestId, register, request, turn }: Exchange): Promise<FhirResponse> {
  const target = 'Consent.migrate';
  const { ura, blocks } = await desk.run({ caller, requestId, target }, async (unit) => ({
    ura: await migratingOrganization(unit),
    blocks: blocksOf(request),
  }));
  const inTurn: Desk = { run: (access, work) => turn(() => desk.run(access, work)) };
  const outcomes = migrate({ register, desk: inTurn, caller, requestId, ura }, blocks);
  return { status: 200, parts: writeResponse(entriesOf(outcomes)) };
}

function blocksOf(request: FhirRequest): Blocks {
  if (request.stream === undefined) {
    throw problem('invalid', 'migration-in-bundle', 'A $migrate is no part of a batch or transaction.');
  }
  const stream = request.stream();
  return stream === undefined ? [readCollection(request.json())] : itemsIn(stream);
}

async function* itemsIn(stream: AsyncIterable<Buffer>): AsyncGenerator<readonly MigrationItem[]> {
  for await (const lines of readLines(stream)) {
    yield lines.map((line) => ('problem' in line ? line : readMigrationLine(line.text)));
  }
}

async function* entriesOf(outcomes: AsyncIterable<readonly ItemOutcome[]>): AsyncGenerator<readonly BundleEntry[]> {
  for await (const some of outcomes) {
    for (const outcome of some) migratedItems.inc({ outcome: labelOf(outcome) });
    yield some.map(entryOf);
  }
}

function entryOf(outcome: ItemOutcome): BundleEntry {
  if ('problem' in outcome) {
    const { problem: refused } = outcome;
    return responseEntry({ status: STATUS[refused.kind], outcome: operationOutcome(refused) });
  }
  const said = { status: outcome.code === 'created' ? 201 : 200, outcome: migrationOutcome(outcome.code) };
  if (outcome.code === 'skipped-citizen-decided') return responseEntry(said);
  const { id, version } = outcome;
  return responseEntry({ ...said, location: `Consent/${id}/_history/${version}`, etag: `W/"${version}"` });
}

/** Few words, so that the metric stays small. */
function labelOf(outcome: ItemOutcome): string {
  return 'problem' in outcome ? outcome.problem.kind : outcome.code;
}
