import { idsOf } from '../http/answers.ts';
import { storedRows } from '../http/ledger.ts';
import { freshBsn, freshUra, KARIM } from '../http/people.ts';
import { question } from '../http/questions.ts';
import { consent, organization, patient } from '../http/resources.ts';
import { useTestServer } from '../setup/test-server.ts';

const server = useTestServer();
const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const META = [
  "'",
  '"',
  "' or '1'='1",
  "'; drop table consent; --",
  '1; select pg_sleep(5); --',
  '\\',
  "\\'; --",
  '$1',
  '$$',
  '%',
  '_',
  '/* */',
  '--',
  ')',
  '}{',
  "' union select null, version() --",
  '{"$gt":""}',
  'E\\x27',
  '\u02bc or 1=1',
];

describe('what means something to SQL means nothing here (case 26)', () => {
  const SAFE = [200, 201, 400, 403, 404, 409, 412, 422, 428];
  const TYPES: Readonly<Record<string, string>> = {
    Patient: `citizen:${KARIM}`,
    Consent: `citizen:${KARIM}`,
    Organization: 'gp',
    Subscription: 'gp',
    AuditEvent: 'auditor',
    Provenance: `citizen:${KARIM}`,
  };

  /** Every search parameter of every type, as the server itself lists them. */
  async function parameters(): Promise<[type: string, name: string][]> {
    const { body } = await server().fhir<{
      rest: { resource: { type: string; searchParam?: { name: string }[] }[] }[];
    }>('/metadata');
    const common = [
      '_count',
      '_sort',
      '_elements',
      '_summary',
      '_total',
      '_include',
      '_revinclude',
      '_cursor',
      '_format',
    ];
    return (body.rest[0]?.resource ?? [])
      .filter(({ type }) => type in TYPES)
      .flatMap(({ type, searchParam = [] }) =>
        [...searchParam.map(({ name }) => name), ...common].map((name): [string, string] => [type, name]),
      );
  }

  it('in any parameter of any search, by address or by form', async () => {
    const found = await parameters();
    expect(found.length).toBeGreaterThan(50);
    const before = await storedRows(server());
    for (const [type, name] of found) {
      const as = TYPES[type] ?? 'gp';
      // One by address for many by form: both are read by the same lines.
      const answers = META.map((meta, at) => {
        const text = new URLSearchParams({ [name]: meta }).toString();
        if (at % 6 === 0) return server().fhir(`/${type}?${text}`, { as });
        return server().fhir(`/${type}/_search`, { as, method: 'POST', headers: FORM, body: text });
      });
      for (const { status } of await Promise.all(answers)) expect([...SAFE, 406]).toContain(status);
    }
    expect(await storedRows(server())).toEqual(before);
  }, 300_000);

  it('in any header', async () => {
    const { body } = await server().fhir<{ id: string }>('/Organization', {
      as: 'admin',
      body: organization(freshUra()),
    });
    for (const name of [
      'If-Match',
      'If-None-Match',
      'If-Modified-Since',
      'Prefer',
      'Accept',
      'X-Request-Id',
      'User-Agent',
    ]) {
      for (const meta of META.filter((one) => /^[ -~]+$/.test(one))) {
        const headers = { [name]: meta };
        const answer = await server().fhir(`/Organization/${body.id}`, { as: 'gp', headers });
        expect([...SAFE, 304, 406]).toContain(answer.status);
      }
    }
    for (const meta of META.filter((one) => /^[ -~]+$/.test(one))) {
      for (const name of ['If-None-Exist', 'Idempotency-Key']) {
        const call = { as: 'admin', body: organization(freshUra()), headers: { [name]: meta } };
        expect(SAFE).toContain((await server().fhir('/Organization', call)).status);
      }
    }
  });

  it('in any leaf of a body: it is refused, or stored as it is', async () => {
    for (const meta of META) {
      const made = await server().fhir<{ id: string }>('/Organization', {
        as: 'admin',
        body: organization(freshUra(), { name: `x${meta}` }),
      });
      expect(made.status).toBe(201);
      const read = await server().fhir<{ name: string }>(`/Organization/${made.body.id}`, { as: 'gp' });
      expect(read.body.name).toBe(`x${meta}`);
      const form = new URLSearchParams({ 'name:exact': `x${meta}`.replaceAll(/[\\,|$]/g, '\\$&') }).toString();
      const found = await server().fhir('/Organization/_search', {
        as: 'gp',
        method: 'POST',
        headers: FORM,
        body: form,
      });
      expect(idsOf(found)).toContain(made.body.id);
      const bsn = freshBsn();
      for (const body of leaves(question(bsn), meta)) {
        expect(SAFE).toContain((await server().fhir('/Consent/$check', { as: 'gp', body })).status);
      }
      for (const body of leaves(consent(bsn), meta)) {
        expect(SAFE).toContain((await server().fhir('/Consent', { as: `citizen:${bsn}`, body })).status);
      }
      for (const body of leaves(patient(bsn), meta)) {
        expect(SAFE).toContain((await server().fhir('/Patient', { as: `citizen:${bsn}`, body })).status);
      }
    }
  }, 300_000);
});

/** A value with one of its texts replaced, for each of its texts. */
function leaves(value: object, by: string): object[] {
  const text = JSON.stringify(value);
  const ends = [...text.matchAll(/:("(?:[^"\\]|\\.)*")/g)];
  return ends.map(({ index, 1: leaf = '' }) => {
    const start = index + 1;
    return JSON.parse(text.slice(0, start) + JSON.stringify(by) + text.slice(start + leaf.length)) as object;
  });
}
