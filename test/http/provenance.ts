import type { Bundle, Provenance, ProvenanceAgent } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { entriesOf } from './answers.ts';

/** Searches Provenance with these parameters in the body. */
export function searchProvenance(
  server: TestServer,
  as: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Answer<Bundle<Provenance>>> {
  return server.fhir<Bundle<Provenance>>('/Provenance/_search', {
    method: 'POST',
    as,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
}

/** Where the citizen's answers come from, as the citizen sees it, oldest first. */
export async function provenanceOf(server: TestServer, bsn: string): Promise<Provenance[]> {
  const answer = await searchProvenance(server, `citizen:${bsn}`, { _sort: 'recorded' });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return entriesOf<Provenance>(answer);
}

/** How, and by whom for whom, in one text: `button: assembler gp for 00000659, enterer 00000659 for Patient`. */
export function inWords({ activity, agent }: Provenance): string {
  return `${activity?.coding?.[0]?.code ?? ''}: ${agent.map(agentInWords).join(', ')}`;
}

function agentInWords({ type, who, onBehalfOf }: ProvenanceAgent): string {
  const name = (one: ProvenanceAgent['who']) => one.identifier?.value ?? one.reference?.split('/')[0] ?? '';
  const behalf = onBehalfOf === undefined ? '' : ` for ${name(onBehalfOf)}`;
  return `${type?.coding?.[0]?.code ?? ''} ${name(who)}${behalf}`;
}

/** The versions that were written: how many of each Consent are not told apart. */
export function versionsOf({ target }: Provenance): string[] {
  return target.map(({ reference }) => reference?.split('/').at(-1) ?? '');
}
