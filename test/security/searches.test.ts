import { nextOf, verdict } from '../http/answers.ts';
import { freshBsn, GP } from '../http/people.ts';
import { consent, patient } from '../http/resources.ts';
import { useTestServer, type Answer } from '../setup/test-server.ts';

const server = useTestServer();
const own = freshBsn();
const CITIZEN = `citizen:${own}`;

beforeAll(async () => {
  await server().fhir('/Patient', { as: CITIZEN, body: patient(own) });
  await server().fhir('/Consent', { as: CITIZEN, body: consent(own) });
});

/** By GET, and as the form of a POST. */
async function bothWays(type: string, query: string, as: string): Promise<Answer<unknown>[]> {
  const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return [
    await server().fhir(`/${type}?${query}`, { as }),
    await server().fhir(`/${type}/_search`, { as, method: 'POST', headers: form, body: query }),
  ];
}

/** What is refused, by case, and in the same words what is answered. */
const REFUSED: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'a parameter that nobody knows, or that says nothing',
    [
      'Consent?patinet=x',
      'Consent?patient:foo=x',
      'Consent?patient=',
      'Consent?',
      'Patient?',
      'Subscription?',
      'Consent?_count=5',
    ],
    ['Consent?patient=x', 'Consent?status=active'],
  ],
  [
    'a reverse chain, and a chain of any depth',
    [
      'Patient?_has:Consent:patient:category=GGC002',
      'Organization?_has:Consent:organization:status=active',
      'Organization?_has:Consent:actor:_has:Provenance:target:recorded=2026',
      'Patient?_has:AuditEvent:patient:type=rest',
      'Consent?patient.birthdate=1980',
      'Consent?patient:Patient.name=Visser',
      'Consent?patient.organization.partof.name=x',
      'Consent?patient.organization.partof.partof.partof.name=x',
      'AuditEvent?patient.name=Visser',
      'Provenance?target.patient.name=Visser',
      'Provenance?target:Consent.patient.identifier=1',
    ],
    ['Patient?birthdate=1980', 'Organization?active=true', 'Provenance?recorded=ge2020'],
  ],
  [
    'everything that refers or is referred to',
    [
      'Consent?status=active&_include=*',
      'Consent?status=active&_include=Consent:*',
      'Consent?status=active&_include:iterate=Consent:patient',
      'Consent?status=active&_include:recurse=Consent:patient',
      'Patient?birthdate=1980&_revinclude=*',
      'Patient?birthdate=1980&_revinclude=*:*',
      'Patient?birthdate=1980&_revinclude=Provenance:target',
      'Patient?birthdate=1980&_revinclude=AuditEvent:patient',
      'Patient?birthdate=1980&_revinclude:iterate=Consent:patient',
      'Organization?active=true&_revinclude=Consent:organization',
    ],
    ['Consent?status=active&_include=Consent:patient', 'Patient?birthdate=1980&_revinclude=Consent:patient'],
  ],
  [
    'a page that cannot be',
    [
      'Consent?status=active&_count=-1',
      'Consent?status=active&_count=1000000000',
      'Consent?status=active&_count=1e2',
      'Consent?status=active&_sort=$$$',
      'Consent?status=active&_elements=__proto__',
      'Consent?status=active&_elements=constructor',
      'Consent?_lastUpdated=gt9999-99-99',
      'Consent?_id=a%00b',
      'Consent?_id=a%2500b%00',
    ],
    [
      'Consent?status=active&_count=0',
      'Consent?status=active&_sort=-date&_elements=status',
      'Consent?_lastUpdated=gt2000-01-01',
    ],
  ],
  [
    'a parameter that is two, has brackets, or is part of every object',
    [
      'Consent?patient=a&patient=b',
      'Consent?patient[$ne]=',
      'Consent?patient[]=a',
      'Consent?patient%5B%24ne%5D=x',
      'Consent?__proto__=1',
      'Consent?__proto__[x]=1',
      'Consent?constructor=1',
      'Consent?toString=1',
      'Consent?hasOwnProperty=1',
    ],
    ['Consent?patient=a'],
  ],
];

describe('a search is refused, in its address and in its body, for', () => {
  it.each(REFUSED)('%s', async (_what, refused, answered) => {
    for (const one of refused) {
      const [type = '', query = ''] = one.split('?');
      for (const answer of await bothWays(type, query, type === 'Subscription' ? 'gp' : CITIZEN)) {
        expect(`${one} ${String(answer.status)}`).toBe(`${one} 400`);
      }
    }
    for (const one of answered) {
      const [type = '', query = ''] = one.split('?');
      const statuses = (await bothWays(type, query, CITIZEN)).map(({ status }) => status);
      expect([one, ...statuses]).toEqual([one, 200, 200]);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('a link to a page', () => {
  it('is of its search and its caller: elsewhere it shows nothing that was not to be seen', async () => {
    const other = freshBsn();
    await server().fhir('/Patient', { as: `citizen:${other}`, body: patient(other) });
    for (let count = 0; count < 3; count += 1)
      await server().fhir('/Consent', { as: `citizen:${other}`, body: consent(other) });
    const first = await server().fhir('/Consent?status=active&_count=1', { as: `citizen:${other}` });
    const next = nextOf(first) ?? '';
    expect(next).toContain('_cursor=');
    const [theirs, mine] = [
      await server().fhir(next, { as: `citizen:${other}` }),
      await server().fhir(next, { as: CITIZEN }),
    ];
    expect(JSON.stringify(theirs.body)).toContain('"Consent"');
    const found = JSON.stringify((mine.body as { entry?: unknown }).entry ?? []);
    const { vault } = server().server.register;
    expect(vault.keyOf(other)).not.toEqual(vault.keyOf(own));
    for (const id of JSON.stringify(theirs.body).match(/Consent\/[0-9a-f-]{36}/g) ?? [])
      expect(found).not.toContain(id);
    expect(verdict(await server().fhir(next, { as: 'exchange' }))).toBe('403 not-permitted');
    expect(verdict(await server().fhir(next.replace('Consent', 'Organization'), { as: CITIZEN }))).toMatch(/^400/);
    expect((await server().fhir(`/Organization?identifier=${GP}`, { as: CITIZEN })).status).toBe(200);
  });
});
