import { readFileSync } from 'node:fs';
import { bundle, get } from '../../http/bundle.ts';
import { endBody, grantBody } from '../../http/emergency.ts';
import { openQuestion } from '../../http/locating.ts';
import { collection, migrated } from '../../http/migrating.ts';
import { batchOf, choice, parameters, question, questionOf } from '../../http/questions.ts';
import { consent, organization, patient } from '../../http/resources.ts';
import { subscription } from '../../http/subscription-bodies.ts';

/** An address, and the kinds of callers who get something there: a client's name, or `own` for a citizen. */
export interface Address {
  readonly method: string;
  readonly path: string;
  readonly welcome: readonly string[];
}

const TABLES = readFileSync(new URL('../../http/permissions.md', import.meta.url), 'utf8');
const [INSIDE = '', OUTSIDE = ''] = TABLES.split('\n## Outside');
const GUESTS: readonly string[] = ['gp', 'pharmacy', 'hospital', 'exchange', 'auditor', 'admin', 'own'];
const HEAD = cellsOf(/^\| address *\|(.*)$/m.exec(INSIDE)?.[1] ?? '');

function cellsOf(row: string): string[] {
  return row.split('|').map((cell) => cell.trim());
}

/** Every guarded address: the table of permissions has them all. */
const GUARDED: readonly Address[] = [...INSIDE.matchAll(/^\| `([A-Z]+) ([^`]+)` *\|(.*)$/gm)].map(
  ([, method = '', path = '', row = '']) => {
    const cells = cellsOf(row);
    const welcome = HEAD.filter((name, at) => GUESTS.includes(name) && /^20\d/.test(cells[at] ?? ''));
    return { method, path: `/fhir${path === '/' ? '' : path}`, welcome };
  },
);

/** What is open to everybody, or has a door of its own. */
const OPEN: readonly Address[] = [
  ...[...OUTSIDE.matchAll(/^\| `([A-Z*]+) ([^`]+)`/gm)].map(([, method = '', path = '']) => ({
    method: method.replace('*', 'GET'),
    path: path.replace('*', 'absent'),
  })),
  { method: 'GET', path: '/fhir/metadata' },
  { method: 'GET', path: '/fhir/StructureDefinition' },
  { method: 'GET', path: '/fhir/StructureDefinition/:id' },
  { method: 'GET', path: '/fhir/CodeSystem' },
  { method: 'GET', path: '/fhir/SearchParameter/:id' },
].map((one) => ({ ...one, welcome: [] }));

export const ADDRESSES: readonly Address[] = [...GUARDED, ...OPEN];

const CODE = { name: 'code', valueString: 'ABCD2345' };

const OPERATIONS: Readonly<Record<string, (bsn: string) => readonly object[]>> = {
  $check: (bsn) => [question(bsn), batchOf([questionOf(bsn), questionOf(bsn, { dataCategory: ['GGC002', 'GGC013'] })])],
  $locate: (bsn) => [openQuestion(bsn)],
  $choose: (bsn) => [
    choice(bsn, 'all'),
    choice(bsn, 'certain', [
      [
        { name: 'holderCategory', valueCode: 'HA' },
        { name: 'requesterCategory', valueCode: 'RPZAC005' },
        { name: 'decision', valueCode: 'permit' },
      ],
    ]),
  ],
  '$grant-emergency': (bsn) => [grantBody(bsn)],
  '$end-emergency': () => [endBody('absent')],
  $migrate: (bsn) => [collection([migrated(bsn, { permit: ['RPZAC005'] })])],
  $review: () => [parameters([CODE])],
  $confirm: () => [parameters([CODE, { name: 'decision', valueCode: 'confirm' }])],
  $profile: (bsn) => [parameters(question(bsn).parameter.slice(0, 1))],
  $settings: () => [parameters([{ name: 'locked', valueBoolean: false }])],
};

const CLIENT = {
  client_name: 'A client',
  scope: 'system/Consent.check',
  hosts: ['ehr.example'],
  jwks_uri: 'https://ehr.example/jwks',
};

const RESOURCES: Readonly<Record<string, (bsn: string) => object>> = {
  Patient: patient,
  Consent: consent,
  Subscription: subscription,
  Organization: () => organization('90010001'),
};

/** Bodies that make sense at an address. */
export function bodiesFor(path: string, bsn: string): readonly object[] {
  const [, , type = '', second = '', third = ''] = path.split('/');
  if (path === '/fhir') return [bundle('batch', [get('metadata'), get('Organization?_count=1')])];
  if (path.startsWith('/oauth/register')) return [CLIENT];
  const operation = OPERATIONS[second.startsWith('$') ? second : third];
  if (operation !== undefined) return operation(bsn);
  const resource = RESOURCES[type];
  return [resource === undefined ? parameters([]) : resource(bsn)];
}
