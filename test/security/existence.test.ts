import { randomUUID } from 'node:crypto';
import { createRoutes } from '../../src/http/routes.ts';
import { grantBody } from '../http/emergency.ts';
import { logged } from '../http/ledger.ts';
import { openQuestion } from '../http/locating.ts';
import { freshBsn, HOSPITAL } from '../http/people.ts';
import { requestFor, type Scene, setScene } from '../http/permission-calls.ts';
import { choice, question } from '../http/questions.ts';
import { providerChoice } from '../http/provider-choices.ts';
import { rawRequest } from '../http/raw-request.ts';
import { BSN_SYSTEM } from '../http/resources.ts';
import { subscription } from '../http/subscription-bodies.ts';
import { subscribe } from '../http/subscriptions.ts';
import { useTestServer, type Call } from '../setup/test-server.ts';

const server = useTestServer();

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };
const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
/** A registration says again whom it is about. */
const TEST_BSNS = /(?<=patientid=)9999\d{5}/g;
const MOMENTS = /\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|\+\d{2}:\d{2})/g;

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function asText(path: string, { method, headers, body }: Call): Asked {
  const text = typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body);
  const type = text === undefined ? {} : { 'Content-Type': 'application/fhir+json' };
  return {
    path,
    method: method ?? (text === undefined ? 'GET' : 'POST'),
    headers: { ...type, ...headers },
    ...(text === undefined ? {} : { body: text }),
  };
}

/** The same request about something else. */
function instead(asked: Asked, from: string, to: string): Asked {
  return JSON.parse(JSON.stringify(asked).replaceAll(from, to)) as Asked;
}

/** Everything of an answer but ids, moments and the date; and what was recorded about it. */
async function traceOf(who: string, asked: Asked): Promise<unknown> {
  const { path, headers, ...call } = asked;
  const requestId = randomUUID();
  const answer = await rawRequest(server().baseUrl, `/fhir${path}`, {
    ...call,
    headers: { ...headers, 'X-Request-Id': requestId, Authorization: `Bearer ${await server().token(who)}` },
  });
  const { date, 'x-request-id': named, etag, ...rest } = answer.headers;
  expect([typeof date, named]).toEqual(['string', requestId]);
  const records = await logged(server(), requestId);
  expect(records.length).toBeGreaterThan(0);
  const plain = (text: string) =>
    text.replaceAll(UUIDS, 'ID').replaceAll(MOMENTS, 'MOMENT').replaceAll(TEST_BSNS, 'BSN');
  return {
    status: answer.status,
    headers: plain(JSON.stringify({ etag, ...rest, 'last-modified': typeof rest['last-modified'] })),
    text: plain(answer.text),
    recorded: records
      .map(({ interaction, outcome, detail }) => `${interaction} ${outcome} ${detail.problem ?? ''}`)
      .sort(),
  };
}

/** What of a scene a request names. */
function idsOf(scene: Scene): string[] {
  return [scene.patient.id, scene.consent.id, scene.subscription, scene.auditEvent, scene.provenance];
}

describe('what a caller may not see', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await setScene(server(), true);
  });

  it.each(['other', 'pharmacy', 'hospital'])(
    'looks to %s exactly like what is not there, at every address, and both are recorded alike',
    async (caller) => {
      const who = caller === 'other' ? `citizen:${scene.stranger}` : caller;
      const routes = createRoutes(server().server.register, '').filter(({ target }) => target !== 'public');
      let compared = 0;
      for (const { method, path } of routes) {
        const { path: address, call } = requestFor(scene, `${method} ${path}`, caller);
        const theirs = asText(address, call);
        const id = idsOf(scene).find((one) => JSON.stringify(theirs).includes(one));
        if (id === undefined) continue;
        const nobodys = instead(theirs, id, randomUUID());
        const [one, other] = [await traceOf(who, theirs), await traceOf(who, nobodys)];
        expect({ method, path, ...(one as object) }).toEqual({ method, path, ...(other as object) });
        compared += 1;
      }
      expect(compared).toBeGreaterThan(40);
    },
  );

  it('can be told from what is not there by whose it is', async () => {
    const who = `citizen:${scene.owner}`;
    const theirs = asText(`/Consent/${scene.consent.id}`, {});
    const nobodys = instead(theirs, scene.consent.id, randomUUID());
    expect(await traceOf(who, theirs)).not.toEqual(await traceOf(who, nobodys));
  });

  it('is not told by preconditions: no ETag that matches, no date, no version', async () => {
    for (const [name, value] of [
      ['If-None-Match', 'W/"1"'],
      ['If-None-Match', '*'],
      ['If-Modified-Since', new Date(Date.now() + 60_000).toUTCString()],
    ] as const) {
      const theirs = asText(`/Consent/${scene.consent.id}`, { headers: { [name]: value } });
      expect(await traceOf(`citizen:${scene.owner}`, theirs)).toMatchObject({ status: 304 });
      const nobodys = instead(theirs, scene.consent.id, randomUUID());
      for (const who of [`citizen:${scene.stranger}`, 'pharmacy']) {
        expect(await traceOf(who, theirs)).toEqual(await traceOf(who, nobodys));
      }
    }
  });

  it('is not told by a condition, in a header, in an address or in a transaction', async () => {
    const own = { resourceType: 'Consent' };
    const condition = `Consent?_id=${scene.consent.id}`;
    const entry = (request: object) => ({ resourceType: 'Bundle', type: 'transaction', entry: [{ request }] });
    const asked: Call[] = [
      { body: own, headers: { 'If-None-Exist': `_id=${scene.consent.id}` } },
      { body: { ...own, patient: { reference: `Patient/${scene.patient.id}` } } },
    ];
    const bundles = [
      entry({ method: 'DELETE', url: condition }),
      entry({ method: 'GET', url: `${condition}&_total=accurate&_include=Consent:patient` }),
      entry({ method: 'GET', url: `Consent/${scene.consent.id}/_history` }),
    ];
    const requests = [
      ...asked.map((call) => asText('/Consent', call)),
      ...bundles.map((body) => asText('/', { body })),
      asText('/', { body: { ...bundles[2], type: 'batch' } }),
    ];
    for (const theirs of requests) {
      const id = idsOf(scene).find((one) => JSON.stringify(theirs).includes(one)) ?? '';
      const nobodys = instead(theirs, id, randomUUID());
      for (const who of [`citizen:${scene.stranger}`, 'hospital']) {
        expect(await traceOf(who, theirs)).toEqual(await traceOf(who, nobodys));
      }
    }
  });
});

describe('a citizen out of sight', () => {
  const byBsn = (type: string, bsn: string) =>
    asText(`/${type}/_search`, {
      headers: FORM,
      body: new URLSearchParams({ 'patient.identifier': `${BSN_SYSTEM}|${bsn}`, _total: 'accurate' }).toString(),
    });
  const body = (path: string, sent: object) => asText(path, { body: sent });
  const calls: readonly (readonly [string, string, (bsn: string) => Asked])[] = [
    ['a search for Consents', 'hospital', (bsn) => byBsn('Consent', bsn)],
    ['a search for Subscriptions', 'hospital', (bsn) => byBsn('Subscription', bsn)],
    ['a search for Provenance', 'hospital', (bsn) => byBsn('Provenance', bsn)],
    ['the closed question', 'hospital', (bsn) => body('/Consent/$check', question(bsn, { holder: HOSPITAL }))],
    ['the open question', 'hospital', (bsn) => body('/Consent/$locate', openQuestion(bsn))],
    ['a recording', 'hospital', (bsn) => body('/Consent/$choose', providerChoice(bsn))],
    ['an emergency grant', 'hospital', (bsn) => body('/Consent/$grant-emergency', grantBody(bsn))],
    [
      'a registration',
      'hospital',
      (bsn) =>
        body('/Subscription', subscription(bsn, { ura: HOSPITAL, type: 'V4', endpoint: 'https://127.0.0.1:9/x' })),
    ],
    ['a choice', `citizen:${freshBsn()}`, (bsn) => body('/Consent/$choose', choice(bsn, 'all'))],
  ];

  it.each(calls)('is answered like one nobody knows: %s by %s', async (_what, who, askedOf) => {
    const known = freshBsn();
    await server().fhir('/Patient', {
      as: `citizen:${known}`,
      body: { resourceType: 'Patient', identifier: [{ system: BSN_SYSTEM, value: known }] },
    });
    expect(await traceOf(who, askedOf(known))).toEqual(await traceOf(who, askedOf(freshBsn())));
  });

  it.each(calls.slice(0, 4))('could be told by one who may see them: %s', async (_what, _who, askedOf) => {
    const known = freshBsn();
    await server().fhir('/Consent/$choose', { as: `citizen:${known}`, body: choice(known, 'all') });
    await subscribe(server(), known, HOSPITAL);
    const [one, other] = [askedOf(known), askedOf(freshBsn())];
    const differ = JSON.stringify(await traceOf('hospital', one)) !== JSON.stringify(await traceOf('hospital', other));
    expect(differ).toBe(!one.path.includes('Provenance'));
  });
});
