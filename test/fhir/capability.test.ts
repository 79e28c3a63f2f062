import { capabilityStatement } from '../../src/fhir/capability.ts';
import type { RouteDescription } from '../../src/fhir/capability.ts';
import { ownConformance } from './conformance-of-profiles.ts';

const conformance = ownConformance();
const SERVER = { baseUrl: 'http://127.0.0.1:8080/fhir', version: '0.1.0', date: '2026-11-22' };
const ROUTES: readonly RouteDescription[] = [
  { resourceType: 'Consent', interaction: 'create', conditional: true },
  { resourceType: 'Consent', interaction: 'read', conditional: true },
  { resourceType: 'Consent', interaction: 'vread' },
  { resourceType: 'Consent', interaction: 'update' },
  { resourceType: 'Consent', interaction: 'update', conditional: true },
  { resourceType: 'Consent', interaction: 'patch' },
  { resourceType: 'Consent', interaction: 'delete', conditional: true },
  { resourceType: 'Consent', interaction: 'history-instance' },
  { resourceType: 'Consent', interaction: 'search-type' },
  { resourceType: 'Consent', operation: 'check' },
  { resourceType: 'AuditEvent', interaction: 'read' },
  { resourceType: 'AuditEvent', interaction: 'search-type' },
  { resourceType: 'Patient', interaction: 'search-type' },
  { system: 'batch' },
  { system: 'transaction' },
];
const statementOf = (routes: readonly RouteDescription[]) => capabilityStatement(routes, conformance, SERVER);
const resourceIn = (routes: readonly RouteDescription[], type: string) =>
  statementOf(routes).rest?.[0]?.resource?.find((resource) => resource.type === type);

describe('the CapabilityStatement', () => {
  it('says of Consent exactly what the routes do', () => {
    expect(resourceIn(ROUTES, 'Consent')).toMatchObject({
      supportedProfile: ['https://akkoord.example/fhir/StructureDefinition/akkoord-consent'],
      interaction: ['create', 'read', 'vread', 'update', 'patch', 'delete', 'history-instance', 'search-type'].map(
        (code) => ({
          code,
        }),
      ),
      versioning: 'versioned-update',
      readHistory: true,
      updateCreate: false,
      conditionalCreate: true,
      conditionalRead: 'full-support',
      conditionalUpdate: true,
      conditionalDelete: 'single',
      searchInclude: ['Consent:patient', 'Consent:organization'],
      operation: [{ name: 'check', definition: 'https://akkoord.example/fhir/OperationDefinition/check' }],
    });
  });

  it('claims no more for a log that is read and searched only', () => {
    const resource = resourceIn(ROUTES, 'AuditEvent');
    expect(resource).toMatchObject({
      versioning: 'no-version',
      interaction: [{ code: 'read' }, { code: 'search-type' }],
    });
    for (const key of ['conditionalCreate', 'conditionalUpdate', 'operation', 'updateCreate', 'searchInclude']) {
      expect(resource).not.toHaveProperty(key);
    }
  });

  it('lists each search parameter with its definition, and the one chain', () => {
    const names = resourceIn(ROUTES, 'Consent')?.searchParam?.map(({ name }) => name);
    expect([...(names ?? [])].sort()).toEqual(
      [...(conformance.searchRules.get('Consent')?.keys() ?? []), 'patient.identifier'].sort(),
    );
    expect(resourceIn(ROUTES, 'Patient')?.searchParam).toContainEqual({
      name: 'identifier',
      definition: 'https://akkoord.example/fhir/SearchParameter/Patient-identifier',
      type: 'token',
      documentation: 'The BSN; in the body of a POST search only.',
    });
    expect(resourceIn(ROUTES, 'Patient')?.searchRevInclude).toEqual(['Consent:patient']);
  });

  it('speaks of JSON, JSON Patch, batch and transaction', () => {
    expect(statementOf(ROUTES)).toMatchObject({
      fhirVersion: '4.0.1',
      kind: 'instance',
      format: ['application/fhir+json', 'json'],
      patchFormat: ['application/json-patch+json'],
      implementation: { url: SERVER.baseUrl },
      rest: [{ mode: 'server', interaction: [{ code: 'batch' }, { code: 'transaction' }] }],
    });
  });

  it('speaks of nothing that no route does', () => {
    const statement = statementOf([{ resourceType: 'Organization', interaction: 'read' }]);
    expect(statement).not.toHaveProperty('patchFormat');
    expect(statement.rest?.[0]).not.toHaveProperty('interaction');
    expect(statement.rest?.[0]?.resource).toEqual([
      {
        type: 'Organization',
        supportedProfile: ['https://akkoord.example/fhir/StructureDefinition/akkoord-organization'],
        interaction: [{ code: 'read' }],
        versioning: 'no-version',
      },
    ]);
  });

  it('is not made when an operation has no definition', () => {
    expect(() => statementOf([{ resourceType: 'Consent', operation: 'guess' }])).toThrow(/guess/);
    expect(() => statementOf([{ resourceType: 'Patient', operation: 'check' }])).toThrow(/check/);
  });
});
