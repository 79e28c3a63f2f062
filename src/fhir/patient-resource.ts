import type { Patient } from '@medplum/fhirtypes';
import { problem } from '../problem.ts';

export const PATIENT_PROFILE = 'https://akkoord.example/fhir/StructureDefinition/akkoord-patient';

/** An address as SMTP takes it, without display name, comments or quotes; RFC 5321 section 4.5.3.1 limits its length. */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}$/;
const LONGEST_ADDRESS = 254;

/** Whether mail can be sent there as it is written. */
export function isMailAddress(text: string): boolean {
  return text.length <= LONGEST_ADDRESS && ADDRESS.test(text);
}

/**
 * Where a citizen wants mail: the first e-mail address of the Patient.
 * @throws Problem invalid when it is none
 */
export function mailAddressOf({ telecom = [] }: Patient): string | undefined {
  const at = telecom.findIndex(({ system, value }) => system === 'email' && value !== undefined);
  const address = telecom[at]?.value;
  if (address === undefined || isMailAddress(address)) return address;
  throw problem('invalid', 'email-invalid', 'This is no e-mail address.', `Patient.telecom[${at}].value`);
}

/** The language to write to a citizen in: the preferred one, else the first, of those we write; Dutch when there is none. */
export function languageOf({ communication = [] }: Patient): 'nl' | 'en' {
  const ordered = [...communication.filter(({ preferred }) => preferred === true), ...communication];
  const codes = ordered.flatMap(({ language }) => (language.coding ?? []).flatMap(({ code }) => code ?? []));
  return codes.map(spoken).find((language) => language !== undefined) ?? 'nl';
}

/** https://www.rfc-editor.org/rfc/rfc5646 */
function spoken(code: string): 'nl' | 'en' | undefined {
  const [language] = code.toLowerCase().split('-');
  return language === 'nl' || language === 'en' ? language : undefined;
}
