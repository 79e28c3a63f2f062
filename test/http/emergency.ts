import type { Consent } from '@medplum/fhirtypes';
import type { Answer, TestServer } from '../setup/test-server.ts';
import { partsOf } from './answers.ts';
import { GP, POST } from './people.ts';
import { type Asked, parameters, question } from './questions.ts';
import { BSN_SYSTEM, URA_SYSTEM } from './resources.ts';

/** What a grant is asked for with; what is left out is a patient who agreed, for all holders. */
export interface GrantAsked {
  readonly holders?: readonly string[];
  readonly agreed?: 'agreed' | 'unable';
  /** Empty: none. */
  readonly reason?: string;
}

export type Granted = Consent & { id: string };

/** The body of `Consent/$grant-emergency`. */
export function grantBody(bsn: string, { holders = [], agreed = 'agreed', reason = 'Chest pain' }: GrantAsked = {}) {
  return parameters([
    { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } },
    ...holders.map((value) => ({ name: 'holder', valueIdentifier: { system: URA_SYSTEM, value } })),
    { name: 'patientAgreed', valueCode: agreed },
    ...(reason === '' ? [] : [{ name: 'reason', valueString: reason }]),
  ]);
}

/** The body of `Consent/$end-emergency`. */
export const endBody = (id: string) =>
  parameters([{ name: 'consent', valueReference: { reference: `Consent/${id}` } }]);

/** Records a grant as the post, or as another. */
export function grant(server: TestServer, bsn: string, asked: GrantAsked = {}, as = 'post') {
  return server.fhir<Granted>('/Consent/$grant-emergency', { as, body: grantBody(bsn, asked) });
}

/** The same, and it must be recorded. */
export async function granted(server: TestServer, bsn: string, asked: GrantAsked = {}, as = 'post'): Promise<Granted> {
  const { status, body } = await grant(server, bsn, asked, as);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body;
}

/** When a grant begins and ends. */
export function termOf({ provision }: Granted): { readonly start: number; readonly end: number } {
  return { start: Date.parse(provision?.period?.start ?? ''), end: Date.parse(provision?.period?.end ?? '') };
}

export const instant = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Whether the GP practice may share with the post, or what else is asked, in one text: `permit emergency-grant`. */
export async function decided(server: TestServer, bsn: string, asked: Asked = {}): Promise<string> {
  return spoken(await askedOf(server, bsn, asked));
}

/** The whole answer to the same question; the auditor asks, who may ask about any moment. */
export function askedOf(server: TestServer, bsn: string, asked: Asked = {}): Promise<Answer<unknown>> {
  const body = question(bsn, { holder: GP, requester: POST, ...asked });
  return server.fhir('/Consent/$check', { as: 'auditor', body });
}

export function spoken(answer: Answer<unknown>): string {
  const { decision, reason } = partsOf(answer);
  return `${decision?.valueCode ?? ''} ${reason?.valueCoding?.code ?? ''}`;
}
