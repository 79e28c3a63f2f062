import type { Consent, Organization, Patient, Subscription } from '@medplum/fhirtypes';
import type { TestServer } from '../setup/test-server.ts';
import { freshBsn, freshUra } from './people.ts';
import { consent, organization, patient } from './resources.ts';
import { subscription } from './subscription-bodies.ts';

export type Stored = (Patient | Organization | Consent | Subscription) & { id: string };

/** One of the types that are stored in versions, and how to work with it. */
export interface Kind {
  readonly type: Stored['resourceType'];
  /** A new one, and who may record it. */
  readonly fresh: () => { readonly as: string; readonly body: object };
  readonly change: object;
  readonly patch: readonly object[];
  /** Whether a change must name the version it is of. */
  readonly needsVersion: boolean;
}

const citizens = (body: (bsn: string) => object) => () => {
  const bsn = freshBsn();
  return { as: `citizen:${bsn}`, body: body(bsn) };
};

export const KINDS: readonly Kind[] = [
  {
    type: 'Patient',
    fresh: citizens(patient),
    change: { gender: 'female' },
    patch: [{ op: 'add', path: '/gender', value: 'female' }],
    needsVersion: false,
  },
  {
    type: 'Organization',
    fresh: () => ({ as: 'admin', body: organization(freshUra()) }),
    change: { name: 'Praktijk De Wijziging' },
    patch: [{ op: 'replace', path: '/name', value: 'Praktijk De Wijziging' }],
    needsVersion: false,
  },
  {
    type: 'Consent',
    fresh: citizens(consent),
    change: { dateTime: '2026-04-01T10:00:00Z' },
    patch: [{ op: 'replace', path: '/dateTime', value: '2026-04-01T10:00:00Z' }],
    needsVersion: true,
  },
  {
    type: 'Subscription',
    fresh: () => ({ as: 'gp', body: subscription(freshBsn()) }),
    change: { channel: { ...subscription(freshBsn()).channel, endpoint: 'https://127.0.0.1:9/changed' } },
    patch: [{ op: 'replace', path: '/channel/endpoint', value: 'https://127.0.0.1:9/changed' }],
    needsVersion: false,
  },
];

export interface Recorded {
  readonly as: string;
  readonly id: string;
  /** `/Type/id` */
  readonly path: string;
  readonly body: object;
  readonly resource: Stored;
}

/** Records one of a kind, as whoever may. */
export async function record(server: TestServer, kind: Kind): Promise<Recorded> {
  const { as, body } = kind.fresh();
  const answer = await server.fhir<Stored>(`/${kind.type}`, { as, body });
  if (answer.status !== 201) throw new Error(`not recorded: ${JSON.stringify(answer.body)}`);
  return { as, body, id: answer.body.id, path: `/${kind.type}/${answer.body.id}`, resource: answer.body };
}
