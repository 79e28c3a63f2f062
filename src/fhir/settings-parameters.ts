import type { Parameters } from '@medplum/fhirtypes';
import { type Problem, problem } from '../problem.ts';
import { readParameters } from './parameters.ts';

/** Events about which a citizen can get a mail: codes of the CodeSystem email-event, without `none`. */
export const EMAIL_EVENTS = ['choices-changed', 'emergency', 'lock-attempt', 'family'] as const;
export type EmailEvent = (typeof EMAIL_EVENTS)[number];

/** Codes of the CodeSystem age-group, youngest first. */
export const AGE_GROUPS = ['under-12', '12-15', '16-17', '18-or-older'] as const;
export type AgeGroup = (typeof AGE_GROUPS)[number];

/** What a citizen wants changed; what is absent stays. */
export interface SettingsRequest {
  readonly locked?: boolean;
  /** Each once, in the order of the CodeSystem; empty: no mail at all. */
  readonly emailOn?: readonly EmailEvent[];
  readonly ageGroup?: { readonly group: AgeGroup; readonly expression: string };
}

/** What stands. */
export interface Settings {
  readonly locked: boolean;
  readonly emailOn: readonly string[];
  /** Absent when nothing is known. */
  readonly ageGroup?: AgeGroup;
  /** Whether a birth date fixes the age group. */
  readonly ageGroupFixed: boolean;
}

type Given = ReturnType<typeof readSpecified>;

function readSpecified(body: unknown) {
  return readParameters(
    {
      locked: { value: 'valueBoolean' },
      emailOn: { value: 'valueCode', max: EMAIL_EVENTS.length + 1 },
      ageGroup: { value: 'valueCode' },
    } as const,
    body,
  );
}

/**
 * Reads the input of `Patient/$settings`. Without any parameter nothing is to change.
 *
 * @throws Problem `malformed` for its form; `invalid` for an unknown code, and for `none` beside an event.
 */
export function readSettings(body: unknown): SettingsRequest {
  const { locked, emailOn, ageGroup } = readSpecified(body);
  return {
    ...(locked[0] === undefined ? {} : { locked: locked[0].value }),
    ...(emailOn.length === 0 ? {} : { emailOn: readEvents(emailOn) }),
    ...(ageGroup[0] === undefined ? {} : { ageGroup: readAgeGroup(ageGroup[0]) }),
  };
}

/** The output of `Patient/$settings`. */
export function writeSettings({ locked, emailOn, ageGroup, ageGroupFixed }: Settings): Parameters {
  return {
    resourceType: 'Parameters',
    parameter: [
      { name: 'locked', valueBoolean: locked },
      ...emailOn.map((valueCode) => ({ name: 'emailOn', valueCode })),
      ...(ageGroup === undefined ? [] : [{ name: 'ageGroup', valueCode: ageGroup }]),
      { name: 'ageGroupFixed', valueBoolean: ageGroupFixed },
    ],
  };
}

function readEvents(given: Given['emailOn']): EmailEvent[] {
  for (const { value, expression } of given) {
    if (value === 'none' && given.length > 1) {
      throw refuse('none-stands-alone', 'The code none stands alone.', expression);
    }
    if (value !== 'none' && !EMAIL_EVENTS.some((event) => event === value)) {
      throw refuse('unknown-email-event', `The value is none of ${EMAIL_EVENTS.join(', ')}, none.`, expression);
    }
  }
  return EMAIL_EVENTS.filter((event) => given.some(({ value }) => value === event));
}

function readAgeGroup({ value, expression }: Given['ageGroup'][number]): { group: AgeGroup; expression: string } {
  const group = AGE_GROUPS.find((one) => one === value);
  if (group !== undefined) return { group, expression: `${expression}.valueCode` };
  throw refuse('unknown-age-group', `The value is none of ${AGE_GROUPS.join(', ')}.`, expression);
}

function refuse(code: string, text: string, expression: string): Problem {
  return problem('invalid', code, text, `${expression}.valueCode`);
}
