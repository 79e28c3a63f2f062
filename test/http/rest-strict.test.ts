import { useTestServer } from '../setup/test-server.ts';
import { codesOf, verdict } from './answers.ts';
import { freshBsn, GP, NOOR } from './people.ts';
import { BSN_SYSTEM } from './resources.ts';

const server = useTestServer();
const AS: Readonly<Record<string, string>> = {
  Patient: `citizen:${NOOR}`,
  Consent: `citizen:${NOOR}`,
  Organization: 'gp',
  AuditEvent: 'auditor',
};

const get = (path: string) => server().fhir(`/${path}`, { as: AS[/^[A-Za-z]+/.exec(path)?.[0] ?? ''] ?? 'gp' });

describe('a search is refused', () => {
  it.each([
    ['Consent', '400 search-too-wide'],
    ['Patient', '400 search-too-wide'],
    ['Consent?_count=10', '400 search-too-wide'],
    ['Consent?_sort=date', '400 search-too-wide'],
    ['Consent?patinet=x', '400 search-parameter-unknown'],
    ['Consent?patient:foo=x', '400 search-modifier-unknown'],
    ['Consent?status:contains=x', '400 search-modifier-unknown'],
    ['Organization?name:below=x', '400 search-modifier-unknown'],
    ['Consent?patient=', '400 search-value-malformed'],
    ['Consent?patient=a&patient=b', '400 search-parameter-repeated'],
    ['Consent?_id=a&_id=b', '400 search-parameter-repeated'],
    ['Consent?patient=Organization/a', '400 search-value-malformed'],
    ['Consent?patient=https://example.org/Patient/a', '400 search-value-malformed'],
    ['Consent?patient[$ne]=', '400 search-parameter-unknown'],
    ['Consent?__proto__=1', '400 search-parameter-unknown'],
    ['Consent?constructor=1', '400 search-parameter-unknown'],
    ['Consent?date=2026-02-30', '400 search-value-malformed'],
    ['Consent?date=yesterday', '400 search-value-malformed'],
    ['Consent?date=ap2026', '400 search-value-malformed'],
    ['Consent?_lastUpdated=gt9999-99-99', '400 search-value-malformed'],
    ['Consent?_id=a%00b', '400 search-value-malformed'],
    ['Consent?_id=a%2Fb', '400 search-value-malformed'],
    ['Consent?status=|', '400 search-value-malformed'],
    ['Consent?status=active&_count=-1', '400 search-value-malformed'],
    ['Consent?status=active&_count=1000000000', '400 search-value-malformed'],
    ['Consent?status=active&_count=1001', '400 search-value-malformed'],
    ['Consent?status=active&_count=x', '400 search-value-malformed'],
    ['Consent?status=active&_sort=$$$', '400 search-value-malformed'],
    ['Consent?status=active&_sort=status', '400 search-value-malformed'],
    ['Consent?status=active&_sort=date,date', '400 search-value-malformed'],
    ['Consent?status=active&_elements=__proto__', '400 search-value-malformed'],
    ['Consent?status=active&_total=many', '400 search-value-malformed'],
    ['Consent?status=active&_summary=short', '400 search-value-malformed'],
    ['Consent?status=active&_include=*', '400 search-value-malformed'],
    ['Consent?status=active&_include:iterate=Consent:patient', '400 search-value-malformed'],
    ['Consent?status=active&_include=Consent:actor', '400 search-value-malformed'],
    ['Patient?name=x&_revinclude=*', '400 search-value-malformed'],
    ['Consent?status=active&_cursor=abc', '400 invalid-cursor'],
    ['Consent?status=active&_cursor=WzFd', '400 invalid-cursor'],
    ['Patient?_has:Consent:patient:category=GGZ', '400 search-parameter-unknown'],
    ['Organization?_has:Consent:organization:status=active', '400 search-parameter-unknown'],
    ['Consent?patient.name=x', '400 search-parameter-unknown'],
    ['Consent?patient:Patient.name=x', '400 search-parameter-unknown'],
    ['Consent?_filter=status eq active', '400 search-parameter-unknown'],
    ['Consent?_text=x', '400 search-parameter-unknown'],
    ['Consent?_query=otv', '400 search-parameter-unknown'],
    ['Organization?name=', '400 search-value-malformed'],
    ['Organization?phone=1', '400 search-parameter-unknown'],
    ['AuditEvent?date=x', '400 search-value-malformed'],
    ['AuditEvent?agent=x', '400 search-parameter-unknown'],
    ['AuditEvent?_sort=type', '400 search-value-malformed'],
    ['Consent?status=active&_format=xml', '406 json-only'],
  ])('%s: %s', async (path, expected) => {
    expect(verdict(await get(path))).toBe(expected);
  });

  it.each([
    ['Consent?patinet=x', 'patinet'],
    ['Consent?date=yesterday', 'date'],
    ['Organization?name:below=x', 'name'],
    ['Consent?status=active&_sort=$$$', '_sort'],
    ['Consent?patient=a&patient=b', 'patient'],
  ])('%s by name: %s', async (path, name) => {
    const answer = await get(path);
    expect(JSON.stringify(answer.body)).toContain(` ${name} `);
  });

  it('never with the value in the answer', async () => {
    for (const path of ['Consent?date=pineapple', 'Consent?status=active&_count=pineapple', 'Consent?_id=pine/apple']) {
      expect(JSON.stringify((await get(path)).body)).not.toContain('pineapple');
    }
  });

  it('when it has more parameters than anyone needs', async () => {
    const path = `Consent?${Array.from({ length: 60 }, () => 'status=active').join('&')}`;
    expect(verdict(await get(path))).toBe('400 search-too-long');
  });
});

describe('a BSN in an address', () => {
  const bsn = freshBsn();

  it.each([
    `Patient?identifier=${bsn}`,
    `Patient?identifier=${BSN_SYSTEM}|${bsn}`,
    `Patient?identifier=${encodeURIComponent(`${BSN_SYSTEM}|${bsn}`)}`,
    `Consent?patient.identifier=${bsn}`,
    `Consent?patient.identifier=${BSN_SYSTEM}|${bsn}`,
    `Consent?patient:identifier=${BSN_SYSTEM}|${bsn}`,
    `Consent?patient=${bsn}`,
    `Consent?status=${bsn}`,
    `Patient?name=${bsn}`,
    `Patient?colour=${bsn}`,
    `AuditEvent?patient.identifier=${bsn}`,
    `AuditEvent?patient=Patient/${bsn}`,
    `Organization?name=a ${bsn} b`,
  ])('is refused and not repeated: %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(400);
    expect(codesOf(answer)[0]).toMatch(/^(bsn-in-url|search-modifier-unknown|search-parameter-unknown)$/);
    expect(JSON.stringify(answer.body)).not.toContain(bsn);
  });

  it('is refused in the address of a POST _search too', async () => {
    const answer = await server().fhir(`/Patient/_search?identifier=${bsn}`, {
      method: 'POST',
      as: `citizen:${bsn}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: '_count=1',
    });
    expect(verdict(answer)).toBe('400 bsn-in-url');
  });

  it('is nothing else than a number of something else when it fails the eleven-test', async () => {
    expect((await get('Organization?name=123456789')).status).toBe(200);
    expect((await get(`Organization?identifier=${GP}`)).status).toBe(200);
  });

  it.each(['000000000', '123456789', '12345678', '٩٠٠١٨٦٠٢١'])('is refused in a form when it is %s', async (value) => {
    const answer = await server().fhir('/Consent/_search', {
      method: 'POST',
      as: `citizen:${bsn}`,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ 'patient.identifier': value }).toString(),
    });
    expect(verdict(answer)).toBe('400 bsn-invalid');
    expect(JSON.stringify(answer.body)).not.toContain(value);
  });
});
