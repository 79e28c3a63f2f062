import type { Consent } from '@medplum/fhirtypes';
import type { Place } from '../../src/decision/consent-profile.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { BSN_SYSTEM } from '../../src/fhir/identifiers.ts';
import { SANDBOX_CLIENTS } from '../../src/sandbox/people.ts';
import type { ChosenAnswer } from '../decision/case.ts';
import type { TestServer } from '../setup/test-server.ts';

/** Gives one answer (no `clear`) as a citizen who posts a Consent of their own. */
export async function postConsent(server: TestServer, bsn: string, answer: ChosenAnswer): Promise<Consent> {
  const { status, body } = await server.fhir<Consent>('/Consent', {
    as: `citizen:${bsn}`,
    body: consentSaying(server, bsn, answer),
  });
  expect(status).toBe(201);
  return body;
}

function consentSaying({ server }: TestServer, bsn: string, answer: ChosenAnswer): Consent {
  const { catalogue } = server.register;
  const row = catalogue.holderCategories.get(answer.holderCategory ?? categoryOf(server.register, answer.holder));
  const { decision } = answer;
  if (row === undefined || decision === 'clear') throw new Error('a Consent cannot say this');
  const codes = answer.requester === undefined ? (answer.requesterCategory ?? row.requesterCategories) : [];
  const requesters: readonly Place[] = [
    ...codes.map((code) => ({ kind: 'category', code }) as const),
    ...(answer.requester ?? []).map((ura) => ({ kind: 'organisation', ura }) as const),
  ];
  const me = { identifier: { system: BSN_SYSTEM, value: bsn } };
  const consent = consentOf({
    status: 'active',
    patient: '',
    performer: '',
    holder:
      answer.holderCategory === undefined
        ? { kind: 'organisation', ura: answer.holder ?? '' }
        : { kind: 'category', code: answer.holderCategory },
    category: row.dataCategory,
    answers: requesters.map((requester) => ({ requester, decision })),
    dateTime: Date.now(),
    origin: 'portal',
    catalogueVersion: catalogue.version,
  });
  return { ...consent, patient: me, performer: [me] };
}

function categoryOf({ catalogue }: TestServer['server']['register'], ura: string | undefined): string {
  const type = SANDBOX_CLIENTS.find(({ organization }) => organization?.ura === ura)?.organization?.type;
  return catalogue.organisationTypes.get(type ?? '')?.holderCategory ?? '';
}
