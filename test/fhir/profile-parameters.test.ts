import { readCatalogue } from '../../src/catalogue/read-catalogue.ts';
import { readProfileRequest, writeProfile } from '../../src/fhir/profile-parameters.ts';
import type { ProfileCell } from '../../src/fhir/profile-parameters.ts';
import { readCatalogueFiles } from '../catalogue/read-files.ts';
import { refusalOf } from './problem-of.ts';

const catalogue = readCatalogue(readCatalogueFiles());
const CELL: ProfileCell = {
  holderPlace: { kind: 'category', code: 'HA' },
  requesterPlace: { kind: 'category', code: 'RPZAC005' },
  decision: 'permit',
  status: 'active',
  origin: 'portal',
  recordedAt: Date.UTC(2026, 10, 22),
  recordedBy: 'Patient/p',
  consent: 'Consent/c/_history/1',
};
const patient = (value: string) => ({
  resourceType: 'Parameters',
  parameter: [{ name: 'patient', valueIdentifier: { value } }],
});

describe('the consent profile as a table', () => {
  it('has a cell with everything known about an answer', () => {
    expect(writeProfile(catalogue, [CELL])).toEqual({
      resourceType: 'Parameters',
      parameter: [
        {
          name: 'cell',
          part: [
            {
              name: 'holderPlace',
              valueIdentifier: { system: 'https://akkoord.example/fhir/CodeSystem/holder-category', value: 'HA' },
            },
            {
              name: 'requesterPlace',
              valueIdentifier: {
                system: 'http://fhir.nl/otv/CodeSystem/raadplegende-zorgaanbiedercategorie',
                value: 'RPZAC005',
              },
            },
            { name: 'decision', valueCode: 'permit' },
            { name: 'status', valueCode: 'active' },
            { name: 'origin', valueCode: 'portal' },
            { name: 'recordedAt', valueInstant: '2026-11-22T00:00:00.000Z' },
            { name: 'recordedBy', valueReference: { reference: 'Patient/p' } },
            { name: 'consent', valueReference: { reference: 'Consent/c/_history/1' } },
          ],
        },
      ],
    });
  });

  it('names an organisation by its number, and stands in catalogue order with organisations last', () => {
    const individual: ProfileCell = { ...CELL, requesterPlace: { kind: 'organisation', ura: '00014332' } };
    const other: ProfileCell = { ...CELL, requesterPlace: { kind: 'category', code: 'RPZAC001' } };
    const { parameter } = writeProfile(catalogue, [individual, CELL, other]);
    expect(parameter?.map(({ part }) => part?.[1]?.valueIdentifier)).toMatchObject([
      { value: 'RPZAC001' },
      { value: 'RPZAC005' },
      { system: 'http://fhir.nl/fhir/NamingSystem/ura', value: '00014332' },
    ]);
  });

  it('is asked for by BSN, and by nothing else', () => {
    expect(readProfileRequest(patient('900186021'))).toBe('900186021');
    expect(refusalOf(() => readProfileRequest(patient('123456789')))?.codes).toEqual(['bsn-invalid']);
    expect(refusalOf(() => readProfileRequest({ resourceType: 'Parameters' }))?.codes).toEqual(['parameter-missing']);
  });
});
