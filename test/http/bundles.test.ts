import { useTestServer } from '../setup/test-server.ts';
import { verdict } from './answers.ts';
import { bundle, get, sendBundle, statusesOf } from './bundle.ts';
import { logged, namedRequest } from './ledger.ts';
import { freshBsn, GP } from './people.ts';
import { BSN_SYSTEM } from './resources.ts';

const server = useTestServer();

describe('a Bundle', () => {
  it.each([
    ['of another type', bundle('collection', []), '400 bundle-malformed'],
    ['without a type', { resourceType: 'Bundle' }, '400 bundle-malformed'],
    ['that is none', { resourceType: 'Parameters' }, '400 bundle-malformed'],
    ['that is a list', [], '400 bundle-malformed'],
    ['with an unknown element', { ...bundle('batch', []), colour: 'red' }, '400 element-unknown'],
    ['whose entries are no list', { ...bundle('batch', []), entry: {} }, '400 bundle-malformed'],
    ['of more than 500 entries', bundle('batch', Array(501).fill(get('metadata'))), '413 bundle-too-long'],
    ['of 10,000 entries', bundle('transaction', Array(10_000).fill(get('metadata'))), '413 bundle-too-long'],
    [
      'that names an entry twice',
      bundle('batch', [
        { ...get('metadata'), fullUrl: 'urn:uuid:a' },
        { ...get('metadata'), fullUrl: 'urn:uuid:a' },
      ]),
      '400 bundle-malformed',
    ],
  ])('%s is refused', async (_, body, expected) => {
    const { id, headers } = namedRequest();
    expect(verdict(await server().fhir('/', { as: 'admin', body, headers }))).toBe(expected);
    expect((await logged(server(), id)).map(({ outcome }) => outcome)).toEqual(['4']);
  });

  it.each(['batch', 'transaction'] as const)('without entries is answered without entries: %s', async (type) => {
    const answer = await sendBundle(server(), 'admin', type, []);
    expect(answer.body).toEqual({ resourceType: 'Bundle', type: `${type}-response` });
  });

  it('of 500 entries is answered', async () => {
    const answer = await sendBundle(
      server(),
      'admin',
      'batch',
      Array<object>(500).fill(get(`Organization?identifier=${GP}`)),
    );
    expect(new Set(statusesOf(answer))).toEqual(new Set(['200']));
    expect(answer.body.entry).toHaveLength(500);
  });

  it('never holds the BSN that an answer must not', async () => {
    const bsn = freshBsn();
    const answer = await sendBundle(server(), 'gp', 'batch', [get(`Consent?patient.identifier=${BSN_SYSTEM}|${bsn}`)]);
    expect(statusesOf(answer)).toEqual(['400']);
    expect(JSON.stringify(answer.body)).not.toContain(bsn);
  });
});
