import type { Bundle, Consent, OperationOutcome, Parameters } from '@medplum/fhirtypes';
import type { Party } from '../../src/decision/question.ts';
import { placeText } from '../../src/decision/stored-rule.ts';
import { BSN_SYSTEM } from '../../src/fhir/identifiers.ts';
import type { ChosenAnswer, Expected } from '../decision/case.ts';
import { useTestServer } from '../setup/test-server.ts';
import { answersIn, problemCode } from './scenarios-answer.ts';
import { freshCitizen } from './scenarios-citizen.ts';
import { checkParameters, chooseParameters } from './scenarios-parameters.ts';
import { choose } from './scenarios-record.ts';
import { storedProfile } from './scenarios-second-opinion.ts';

const server = useTestServer();

const practice: Party = { ura: '00000659', type: 'Z3' };
const otherPractice: Party = { ura: '90000697', type: 'Z3' };
const pharmacy: Party = { ura: '00014332', type: 'J8' };
const otherPharmacy: Party = { ura: '90000697', type: 'J8' };
const hospital: Party = { ura: '00005098', type: 'V4' };

const yes = 'permit consent-given';
const no = 'deny consent-refused';
const nothing = 'deny no-consent';

describe('option all', () => {
  it('answers every question with yes, in a Consent for each holder category', async () => {
    const bsn = freshCitizen();
    const consents = await choose(server(), bsn, { option: 'all' });
    expect(holdersOf(consents)).toEqual(['APO', 'GGZ', 'HA', 'LAB', 'OVR', 'VVT', 'ZKH']);
    expect(await ask(bsn, practice, pharmacy)).toBe(yes);
  });

  it('removes individual exceptions, of holders and of requesters', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holder: '00000659', decision: 'deny' });
    await certain(bsn, { holderCategory: 'HA', requester: ['00014332'], decision: 'deny' });
    expect(await ask(bsn, practice, pharmacy)).toBe(no);
    await choose(server(), bsn, { option: 'all' });
    expect(await ask(bsn, practice, pharmacy)).toBe(yes);
  });

  it('writes new versions of the Consents that are there and keeps what they said', async () => {
    const bsn = freshCitizen();
    const [first] = await choose(server(), bsn, { option: 'none' });
    const consents = await choose(server(), bsn, { option: 'all' });
    const second = consents.find(({ id }) => id === first?.id);
    expect([first?.meta?.versionId, second?.meta?.versionId]).toEqual(['1', '2']);
    const path = `/Consent/${first?.id ?? ''}/_history/1`;
    const { body } = await server().fhir<Consent>(path, { as: `citizen:${bsn}` });
    expect(body.provision?.provision?.map(({ type }) => type)).toEqual(['deny']);
  });
});

describe('option none', () => {
  it('answers every question with no', async () => {
    const bsn = freshCitizen();
    await choose(server(), bsn, { option: 'none' });
    expect(await ask(bsn, practice, pharmacy)).toBe(no);
    expect(await ask(bsn, hospital, practice)).toBe(no);
  });

  it('removes individual exceptions', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holder: '00000659', requester: ['00014332'], decision: 'permit' });
    const consents = await choose(server(), bsn, { option: 'none' });
    expect(holdersOf(consents)).not.toContain('00000659');
    expect(await ask(bsn, practice, pharmacy)).toBe(no);
  });

  it('takes no answers beside it, and neither does all', async () => {
    for (const option of ['none', 'all'] as const) {
      const bsn = freshCitizen();
      const answers: ChosenAnswer[] = [{ holderCategory: 'HA', decision: 'permit' }];
      expect(await refusal(bsn, chooseParameters(bsn, { option, answers }))).toEqual([422, 'answers-not-allowed']);
      expect(await ask(bsn, practice, pharmacy)).toBe(nothing);
    }
  });
});

describe('option certain', () => {
  it('changes what it names and leaves the rest alone', async () => {
    const bsn = freshCitizen();
    await choose(server(), bsn, { option: 'all' });
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC005'], decision: 'deny' });
    expect(await ask(bsn, practice, pharmacy)).toBe(no);
    expect(await ask(bsn, practice, hospital)).toBe(yes);
    expect(await ask(bsn, hospital, practice)).toBe(yes);
  });

  it('keeps the answers about individual organisations', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holder: '00000659', requesterCategory: ['RPZAC005'], decision: 'deny' });
    await certain(bsn, { holderCategory: 'HA', decision: 'permit' });
    expect(await ask(bsn, practice, pharmacy)).toBe(no);
    expect(await ask(bsn, otherPractice, pharmacy)).toBe(yes);
  });

  it('clears an answer: then there is none', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC005', 'RPZAC104'], decision: 'permit' });
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC005'], decision: 'clear' });
    expect(await ask(bsn, practice, pharmacy)).toBe(nothing);
    expect(await ask(bsn, practice, hospital)).toBe(yes);
  });

  it('clears a whole row with its answers about individual requesters; the Consent is withdrawn', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC104'], decision: 'permit' });
    await certain(bsn, { holderCategory: 'HA', requester: ['00014332'], decision: 'permit' });
    expect(holdersOf(await certain(bsn, { holderCategory: 'HA', decision: 'clear' }))).toEqual([]);
    expect(await ask(bsn, practice, pharmacy)).toBe(nothing);
    expect(await ask(bsn, practice, hospital)).toBe(nothing);
    const { body } = await server().fhir<Bundle<Consent>>('/Consent?status=inactive', { as: `citizen:${bsn}` });
    expect(body.entry).toHaveLength(1);
  });

  it.each<[string, ChosenAnswer, string]>([
    [
      'a cell without a question',
      { holderCategory: 'APO', requesterCategory: ['RPZAC200'], decision: 'permit' },
      'cell-without-question',
    ],
    ['an unknown holder category', { holderCategory: 'XYZ', decision: 'permit' }, 'unknown-holder-category'],
    ['a holder that is not registered', { holder: '90000697', decision: 'permit' }, 'holder-not-registered'],
    ['no answer at all', { decision: 'permit' }, 'one-holder'],
  ])('refuses %s and records nothing', async (_what, answer, code) => {
    const bsn = freshCitizen();
    const kept: ChosenAnswer = { holderCategory: 'ZKH', decision: 'permit' };
    const body = chooseParameters(bsn, { option: 'certain', answers: [kept, answer] });
    expect(await refusal(bsn, body)).toEqual([422, code]);
    expect(await ask(bsn, hospital, practice)).toBe(nothing);
  });
});

describe('an answer about one requester organisation', () => {
  it('is for that organisation only, whoever the holder is', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holderCategory: 'HA', requester: ['00014332'], decision: 'permit' });
    expect(await ask(bsn, practice, pharmacy)).toBe(yes);
    expect(await ask(bsn, otherPractice, pharmacy)).toBe(yes);
    expect(await ask(bsn, practice, otherPharmacy)).toBe(nothing);
  });

  it('goes before the answer about its category, both ways', async () => {
    const bsn = freshCitizen();
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC005'], decision: 'permit' });
    await certain(bsn, { holderCategory: 'HA', requester: ['00014332'], decision: 'deny' });
    expect([await ask(bsn, practice, pharmacy), await ask(bsn, practice, otherPharmacy)]).toEqual([no, yes]);
    await certain(bsn, { holderCategory: 'HA', requesterCategory: ['RPZAC005'], decision: 'deny' });
    await certain(bsn, { holderCategory: 'HA', requester: ['00014332'], decision: 'permit' });
    expect([await ask(bsn, practice, pharmacy), await ask(bsn, practice, otherPharmacy)]).toEqual([yes, no]);
  });
});

describe('$choose', () => {
  it('is for the citizen: another citizen and a provider are refused', async () => {
    const bsn = freshCitizen();
    const body = chooseParameters(bsn, { option: 'all' });
    for (const as of [`citizen:${freshCitizen()}`, 'gp', 'exchange', 'auditor', 'admin']) {
      expect((await server().fhir('/Consent/$choose', { as, body })).status).toBe(403);
    }
    expect(await ask(bsn, practice, pharmacy)).toBe(nothing);
  });
});

describe('$profile', () => {
  it('shows cell by cell what the decision reads', async () => {
    const bsn = freshCitizen();
    await choose(server(), bsn, { option: 'all' });
    await certain(bsn, { holder: '00000659', requesterCategory: ['RPZAC104'], decision: 'deny' });
    await certain(bsn, { holderCategory: 'GGZ', decision: 'clear' });
    await certain(bsn, { holderCategory: 'APO', requester: ['00000659'], decision: 'deny' });
    const cells = await profileCells(bsn);
    const { answers } = await storedProfile(server(), bsn);
    expect(cells).toEqual(
      answers
        .map(({ holder, requester, decision, recordedAt, source }) =>
          [placeText(holder), placeText(requester), decision, new Date(recordedAt).toISOString(), source].join(' '),
        )
        .sort(),
    );
    expect(cells.length).toBeGreaterThan(30);
  });

  it('is empty for a citizen who recorded nothing', async () => {
    expect(await profileCells(freshCitizen())).toEqual([]);
  });

  it('is shown to nobody else', async () => {
    const bsn = freshCitizen();
    const body = { resourceType: 'Parameters', parameter: [patientParameter(bsn)] };
    for (const as of [`citizen:${freshCitizen()}`, 'gp', 'exchange', 'auditor', 'admin']) {
      expect((await server().fhir('/Consent/$profile', { as, body })).status).toBe(403);
    }
  });
});

function certain(bsn: string, ...answers: ChosenAnswer[]): Promise<readonly Consent[]> {
  return choose(server(), bsn, { option: 'certain', answers });
}

/** Decision and reason, asked by the exchange point. */
async function ask(bsn: string, holder: Party, requester: Party): Promise<string> {
  const body = checkParameters(server().server.register.catalogue, bsn, { holder, requester });
  const said = answersIn(await server().fhir('/Consent/$check', { as: 'exchange', body })).get('');
  const { decision, reason } = said as Extract<Expected, { decision: string }>;
  return `${decision} ${reason}`;
}

async function refusal(bsn: string, body: unknown): Promise<[status: number, code: string]> {
  const answer = await server().fhir<OperationOutcome>('/Consent/$choose', { as: `citizen:${bsn}`, body });
  return [answer.status, problemCode(answer.body)];
}

function holdersOf(consents: readonly Consent[]): string[] {
  return consents.map(({ provision }) => provision?.actor?.[0]?.reference.identifier?.value ?? '').sort();
}

function patientParameter(bsn: string) {
  return { name: 'patient', valueIdentifier: { system: BSN_SYSTEM, value: bsn } };
}

async function profileCells(bsn: string): Promise<string[]> {
  const body = { resourceType: 'Parameters', parameter: [patientParameter(bsn)] };
  const answer = await server().fhir<Parameters>('/Consent/$profile', { as: `citizen:${bsn}`, body });
  expect(answer.status).toBe(200);
  return (answer.body.parameter ?? [])
    .map(({ part = [] }) => {
      const value = (name: string) => part.find((one) => one.name === name);
      const place = (name: string) => {
        const { system = '', value: code = '' } = value(name)?.valueIdentifier ?? {};
        return `${system.endsWith('/ura') ? 'o' : 'c'}:${code}`;
      };
      const [decision, recordedAt] = [value('decision')?.valueCode, value('recordedAt')?.valueInstant];
      const consent = value('consent')?.valueReference?.reference;
      return [place('holderPlace'), place('requesterPlace'), decision, recordedAt, consent].join(' ');
    })
    .sort();
}
