import type { AuditEvent, Consent } from '@medplum/fhirtypes';
import { useTestServer } from '../setup/test-server.ts';
import { entriesOf, verdict } from './answers.ts';
import * as family from './family.ts';
import { logged, namedRequest } from './ledger.ts';

const server = useTestServer();
const { said } = family;
const HOSPITALS = { requesterCategory: 'RPZAC104' };

const aChild = () => family.child(server());
const aParent = () => family.parent(server());
const choose = (bsn: string, ...answers: object[][]) => family.choose(server(), bsn, ...answers);
const settle = (child: string, by: string, decision?: family.Decision) => family.settle(server(), child, by, decision);

/** What the citizen finds in the own log about the family: `confirm confirmed Consent/4f1…/_history/2`, oldest first. */
async function told(bsn: string): Promise<string[]> {
  const path = `/AuditEvent?patient=${await family.patientOf(server(), bsn)}&_sort=date&_count=100`;
  const events = entriesOf<AuditEvent>(await server().fhir(path, { as: `citizen:${bsn}` }));
  return events.flatMap(({ subtype, entity = [] }) => {
    const [word] = entity.flatMap(({ detail = [] }) => detail.filter(({ type }) => type === 'family'));
    const touched = entity.flatMap(({ what }) => what?.reference?.match(/^Consent\/.+/)?.[0] ?? []);
    return word === undefined ? [] : [[subtype?.[0]?.code, word.valueString, ...touched].join(' ')];
  });
}

const version = (consent: Consent | undefined, number: number) => `Consent/${consent?.id ?? ''}/_history/${number}`;

describe("the child's log", () => {
  it.each(['confirm', 'reject'] as const)('holds the review of a parent and the decision (%s)', async (decision) => {
    const [child, parent] = [await aChild(), await aParent()];
    const [consent] = await choose(child, said('permit'));
    const code = await family.codeOf(server(), child);
    await family.review(server(), parent, code);
    await family.decide(server(), parent, code, decision);
    const word = decision === 'confirm' ? 'confirmed' : 'rejected';
    const expected = [`review reviewed ${version(consent, 1)}`, `confirm ${word} ${version(consent, 2)}`];
    expect(await told(child)).toEqual(expected);
    expect(await told(parent)).toEqual(expected);
  });

  it('holds the decision also when it changed nothing', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('deny'));
    await settle(child, parent, 'reject');
    expect(await told(child)).toEqual(['confirm rejected']);
  });

  it('holds the try of a parent whose code was for an older version', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    const code = await family.codeOf(server(), child);
    await choose(child, said('permit', HOSPITALS));
    const { id, headers } = namedRequest();
    expect(verdict(await family.decide(server(), parent, code, 'confirm', headers))).toBe('409 code-for-older-version');
    const { vault } = server().server.register;
    const records = await logged(server(), id);
    expect(records.map(({ about }) => about).sort()).toEqual(
      [child, parent].map((bsn) => vault.keyOf(bsn).toString('hex')).sort(),
    );
    expect(records.map(({ outcome, detail }) => [outcome, detail.problem])).toEqual([
      ['4', 'code-for-older-version'],
      ['4', 'code-for-older-version'],
    ]);
  });
});

describe("the parent's log", () => {
  it.each(['confirm', 'reject'] as const)(
    'holds what the child proposes after a first decision (%s)',
    async (first) => {
      const [child, parent] = [await aChild(), await aParent()];
      await choose(child, said('permit'));
      await settle(child, parent, first);
      const before = await told(parent);
      await choose(child, said('permit', HOSPITALS));
      const proposed = (await family.consentsOf(server(), child)).find(({ status }) => status === 'proposed');
      expect(await told(parent)).toEqual([...before, `choose proposed ${version(proposed, 1)}`]);
      expect(await told(child)).toEqual(before);
    },
  );

  it('holds it also when the child records a Consent by itself', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    const [proposed] = await family.consentsOf(server(), child);
    await settle(child, parent);
    const body = { ...proposed, id: undefined, meta: undefined };
    const made = await server().fhir<Consent>('/Consent', { as: `citizen:${child}`, body });
    expect(made.status).toBe(201);
    expect((await told(parent)).at(-1)).toBe(`create proposed ${version(made.body, 1)}`);
  });

  it('holds nothing of what the child withdraws, or chooses from 16', async () => {
    const [child, parent] = [await aChild(), await aParent()];
    await choose(child, said('permit'));
    await settle(child, parent);
    const before = await told(parent);
    await choose(child, said('clear'));
    await family.turnSixteen(server(), child);
    await choose(child, said('permit', HOSPITALS));
    expect(await told(parent)).toEqual(before);
  });

  it('holds nothing before the first decision, and nothing of another child', async () => {
    const [child, sibling, parent] = [await aChild(), await aChild(), await aParent()];
    await choose(child, said('permit'));
    await family.review(server(), parent, await family.codeOf(server(), child));
    await choose(child, said('permit', HOSPITALS));
    expect((await told(parent)).filter((line) => line.includes('proposed'))).toEqual([]);
    await settle(child, parent);
    await choose(sibling, said('permit'));
    expect((await told(parent)).filter((line) => line.includes('proposed'))).toEqual([]);
  });

  it('is that of every parent who decided', async () => {
    const [child, ...parents] = [await aChild(), await aParent(), await aParent()];
    for (const [at, parent] of parents.entries()) {
      await choose(child, said('permit', { requesterCategory: at === 0 ? 'RPZAC104' : 'RPZAC001' }));
      await settle(child, parent);
    }
    await choose(child, said('permit'));
    for (const parent of parents) expect((await told(parent)).at(-1)).toMatch(/^choose proposed /);
  });
});
