import type { Consent } from '@medplum/fhirtypes';
import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { readProfile } from '../../src/decision/stored-rule.ts';
import { consentOf } from '../../src/fhir/consent-resource.ts';
import { ruleOf } from '../../src/fhir/consent-rule.ts';
import { PATIENT_AGREED_EXTENSION } from '../../src/fhir/grant-rule.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const organizations = new Map([
  ['00000659', { ura: '00000659', types: ['Z3'] }],
  ['00000666', { ura: '00000666', types: ['N6'] }],
]);

const PERIOD = { start: '2026-03-01T10:00:00Z', end: '2026-03-04T10:00:00Z' };

interface Change {
  readonly period?: { start?: string; end?: string };
  readonly holder?: string;
  readonly requester?: string;
  readonly decision?: 'permit' | 'deny';
  readonly status?: 'active' | 'proposed' | 'inactive';
  readonly allHolders?: boolean;
  readonly category?: string;
  readonly agreed?: boolean;
}

function grant(change: Change = {}): Consent {
  const consent = consentOf({
    status: change.status ?? 'active',
    patient: 'Patient/p',
    performer: 'Patient/p',
    holder: { kind: 'organisation', ura: change.holder ?? '00000659' },
    category: change.category ?? 'GGC002',
    answers: [
      {
        requester:
          change.requester === undefined
            ? { kind: 'organisation', ura: '00000666' }
            : { kind: 'category', code: change.requester },
        decision: change.decision ?? 'permit',
      },
    ],
    dateTime: Date.parse(PERIOD.start),
    origin: 'emergency',
    catalogueVersion: '3960100',
  });
  const agreed = { url: PATIENT_AGREED_EXTENSION, valueCode: change.agreed === true ? 'agreed' : 'unable' };
  return {
    ...consent,
    extension: [...(consent.extension ?? []), agreed],
    provision: {
      ...consent.provision,
      period: change.period ?? PERIOD,
      actor: change.allHolders === true ? [] : (consent.provision?.actor ?? []),
    },
  };
}

const ruleFrom = (change?: Change) => ruleOf(catalogue, grant(change), organizations);

describe('the rule of an emergency grant', () => {
  it('binds the recording organisation for exactly 259,200 seconds', () => {
    expect(ruleFrom()).toEqual({
      v: 1,
      holder: ['o:00000659'],
      category: 'GGC002',
      authority: 'citizen',
      pending: false,
      answers: [['o:00000666', 'permit']],
      grant: { start: Date.parse(PERIOD.start), end: Date.parse(PERIOD.start) + 259_200_000, agreed: false },
    });
  });

  it('may be for all holders, and may say that the patient agreed', () => {
    expect(ruleFrom({ allHolders: true, agreed: true })).toMatchObject({ holder: 'all', grant: { agreed: true } });
  });

  it('is read by the engine', () => {
    for (const change of [{}, { allHolders: true }]) {
      const profile = readProfile([{ source: 'Consent/one/_history/1', recordedAt: 0, rule: ruleFrom(change) }]);
      expect(profile).toMatchObject({ unreadable: [], grants: [{ requesterUra: '00000666' }] });
    }
  });

  it.each([{}, { allHolders: true }, { period: { start: PERIOD.start } }])(
    'permits nothing once it is inactive: %j',
    (change) => {
      const rule = ruleFrom({ ...change, status: 'inactive' });
      const profile = readProfile([{ source: 'Consent/one/_history/2', recordedAt: 0, rule }]);
      expect(profile).toEqual({ answers: [], grants: [], unreadable: [] });
    },
  );

  it('needs no registry and no catalogue to end', () => {
    const ended = grant({ holder: '90000382', category: 'GGC999', status: 'inactive' });
    expect(ruleOf(catalogue, ended, new Map())).toMatchObject({ holder: 'o:00000666', answers: [] });
  });

  it.each<[string, Change, string]>([
    ['a millisecond longer', { period: { ...PERIOD, end: '2026-03-04T10:00:00.001Z' } }, 'grant-period'],
    ['a second shorter', { period: { ...PERIOD, end: '2026-03-04T09:59:59Z' } }, 'grant-period'],
    ['without an end', { period: { start: PERIOD.start } }, 'grant-period'],
    ['by the day', { period: { start: '2026-03-01', end: '2026-03-04' } }, 'grant-period'],
    ['to a category', { requester: 'RPZAC001' }, 'grant-requester'],
    ['as a refusal', { decision: 'deny' }, 'grant-requester'],
    ['waiting for a parent', { status: 'proposed' }, 'grant-pending'],
    ['for a data category nobody knows', { category: 'GGC999' }, 'unknown-data-category'],
    ['for a holder that is not registered', { holder: '90000382' }, 'holder-not-registered'],
  ])('may not be given %s', (_, change, code) => {
    expect(refusalOf(() => ruleFrom(change))).toMatchObject({ kind: 'invalid', codes: [code] });
  });
});
