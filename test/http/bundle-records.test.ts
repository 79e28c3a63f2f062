import type { AuditEvent } from '@medplum/fhirtypes';
import { validate } from '../../src/fhir/validate.ts';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf } from './answers.ts';
import { get, post, sendBundle } from './bundle.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, freshUra, GP } from './people.ts';
import { choice } from './questions.ts';
import { organization } from './resources.ts';

const server = useTestServer();

describe('the log', () => {
  it.each(['batch', 'transaction'] as const)('holds one record of an empty %s', async (type) => {
    const { id, headers } = namedRequest();
    expect((await sendBundle(server(), 'gp', type, [], headers)).status).toBe(200);
    const records = await logged(server(), id);
    expect(records.map(({ interaction, outcome, client }) => [interaction, outcome, client])).toEqual([
      [type, '0', 'gp'],
    ]);
  });

  it.each([
    ['Organization.read', get('Organization/nothing')],
    ['Organization.create', post(organization(GP))],
    ['Organization.search', post(organization(freshUra()), { ifNoneExist: 'type=Z3,J8,V4' })],
    ['AuditEvent.search', get('AuditEvent')],
    ['nothing that is an access', get('Observation')],
  ])('says that a transaction failed at %s', async (at, failing) => {
    const failed = at.includes('.') ? at : undefined;
    const { id, headers } = namedRequest();
    const fine = post(organization(freshUra()));
    const answer = await sendBundle(server(), 'admin', 'transaction', [fine, failing], headers);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const [record, ...others] = await logged(server(), id);
    expect(others).toEqual([]);
    expect(record).toMatchObject({ interaction: 'transaction', outcome: '4' });
    expect(record?.detail.failed).toBe(failed);
    const [event] = entriesOf<AuditEvent>(
      await server().fhir(`/AuditEvent?_id=${record?.id ?? ''}`, { as: 'auditor' }),
    );
    const details = event?.entity?.flatMap(({ detail = [] }) => detail) ?? [];
    expect(details).toEqual(failed === undefined ? [] : [{ type: 'failed', valueString: failed }]);
    expect(validate(server().server.register.conformance, 'AuditEvent', event)).toEqual([]);
  });

  it('names what a search included, for the citizen it is about', async () => {
    const bsn = freshBsn();
    const as = `citizen:${bsn}`;
    await server().fhir('/Consent/$choose', { as, body: choice(bsn, 'none') });
    for (const query of [
      'Consent?status=active&_include=Consent:patient',
      'Patient?active:not=false&_revinclude=Consent:patient',
    ]) {
      const { id, headers } = namedRequest();
      const shown = entriesOf(await server().fhir(`/${query}`, { as, headers }));
      const records = await logged(server(), id);
      expect(records).toHaveLength(1);
      expect(records[0]?.about).not.toBeNull();
      expect([...(records[0]?.detail.entities ?? [])].sort()).toEqual(
        shown.map((one) => `${one.resourceType}/${one.id ?? ''}/_history/${one.meta?.versionId ?? ''}`).sort(),
      );
      expect(new Set(shown.map(({ resourceType }) => resourceType))).toEqual(new Set(['Consent', 'Patient']));
    }
  });
});
