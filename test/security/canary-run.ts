import { exportJWK } from 'jose';
import { notificationSecretOf } from '../../src/notifications/notification-secret.ts';
import { bundle, get, post } from '../http/bundle.ts';
import { settled } from '../http/citizens.ts';
import { grantBody } from '../http/emergency.ts';
import { choose } from '../http/family.ts';
import { EVENTS, queueIsEmpty, reachable, type SmtpServer } from '../http/mails.ts';
import { freshBsn, GP } from '../http/people.ts';
import { PERMISSIONS } from '../http/permission-table.ts';
import { choice, question } from '../http/questions.ts';
import { rawRequest } from '../http/raw-request.ts';
import { consent, patient } from '../http/resources.ts';
import { subscribe } from '../http/subscriptions.ts';
import type { Answer, Call, TestServer } from '../setup/test-server.ts';
import { ASSERTION_TYPE, assertionOf, CHECK, newKey, post as postForm, registerKey } from './oauth-client.ts';
import { callOf, sceneOf } from './route-calls.ts';

/** What must be found nowhere but where it belongs. The name occurs in no test and no sample. */
export interface Canary {
  readonly bsn: string;
  readonly name: string;
  readonly email: string;
  /** Access tokens, or parts of them that say something. */
  readonly tokens: readonly string[];
  readonly assertion: string;
  readonly privateKey: string;
  /** Under which the notifications of a holder are signed. */
  readonly holderSecret: string;
  /** Everything that was answered with an error: body and headers, as text. */
  readonly refusals: readonly string[];
}

const NAME = 'Kanarievogelaar';
const EMAIL = 'kanariepietje@example.org';
const UZI = { system: 'http://fhir.nl/fhir/NamingSystem/uzi-nr-pers', value: '000012345' };

/** Sends a canary through every route and every other door, wherever something can be put, and keeps what was refused. */
export async function letFly(server: TestServer, smtp: SmtpServer): Promise<Canary> {
  const bsn = freshBsn();
  const refusals: string[] = [];
  const headers = {
    'X-Request-Id': bsn,
    'User-Agent': `${NAME} ${bsn}`,
    Referer: `https://${EMAIL}/${bsn}`,
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tracestate: `akkoord=${bsn}`,
    baggage: `name=${NAME}`,
  };
  const send = async (path: string, call: Call): Promise<Answer<unknown>> => {
    const answer = await server.fhir(path, { ...call, headers: { ...headers, ...call.headers } });
    if (answer.status >= 400) refusals.push(JSON.stringify([[...answer.headers], answer.body]));
    return answer;
  };
  await live(server, smtp, bsn, send);
  for (const route of Object.keys(PERMISSIONS)) {
    const scene = await sceneOf(server, route);
    for (const kind of ['refused', 'invalid', 'granted'] as const) {
      const { path, call } = await callOf(server, scene, route, kind);
      await send(path, call);
    }
    await tryEverywhere(route, bsn, send);
  }
  const { assertion, privateKey, token } = await askToken(server);
  const tokens = await Promise.all(['gp', 'auditor', `citizen:${bsn}`].map((who) => server.token(who)));
  await comeAsTheyAre(server, bsn, tokens[0] ?? '');
  await queueIsEmpty(server);
  const { database, holderVaults } = server.server.register;
  return {
    bsn,
    name: NAME,
    email: EMAIL,
    tokens: [...tokens, token].flatMap((one) => [one, ...one.split('.').slice(1)]).filter((part) => part.length > 20),
    assertion,
    privateKey,
    holderSecret: (await notificationSecretOf(database, holderVaults, holderVaults.vaultOf(GP))).slice('whsec_'.length),
    refusals,
  };
}

type Send = (path: string, call: Call) => Promise<Answer<unknown>>;

/** A life: a name, an address that is confirmed, mails, choices, questions, a grant, a lock, attempts. */
async function live(server: TestServer, smtp: SmtpServer, bsn: string, send: Send): Promise<void> {
  const as = `citizen:${bsn}`;
  await reachable(server, smtp, bsn, { address: EMAIL, more: { name: [{ family: NAME }] } });
  await settled(server, bsn, { emailOn: EVENTS });
  await subscribe(server, bsn, GP);
  await choose(server, bsn, 'all');
  const more = [{ name: 'professional', valueIdentifier: UZI }];
  await send('/Consent/$check', { as: 'gp', body: question(bsn, { more }) });
  await send('/Consent/$grant-emergency', { as: 'post', body: grantBody(bsn, { reason: `Over ${NAME}` }) });
  await settled(server, bsn, { locked: true });
  await send('/Consent/$grant-emergency', { as: 'hospital', body: grantBody(bsn, { agreed: 'unable' }) });
  await send('/Consent/$choose', { as: 'gp', body: choice(bsn, 'all') });
  await send('/', { as, body: bundle('transaction', [post(patient(bsn)), get(`Patient?identifier=${bsn}`)]) });
}

/**
 * The canary as part of the address, as a value and in a body that cannot be read. Not as the name of a parameter or element:
 * an answer names what it does not know.
 */
async function tryEverywhere(route: string, bsn: string, send: Send): Promise<void> {
  const [method = '', template = ''] = route.split(' ');
  const path = template.replace(':id', bsn).replace(':version', '1');
  const as = `citizen:${bsn}`;
  await send(`${path}?colour=${NAME}&identifier=${bsn}&email=${EMAIL}`, { as, method });
  if (method === 'GET' || method === 'DELETE') return;
  await send(path, { as, method, body: `{"${NAME}": "${bsn}", "${EMAIL}` });
  const resource = { ...consent(bsn, { status: NAME }), colour: EMAIL };
  await send(path, { as, method, body: resource });
}

async function askToken(server: TestServer): Promise<Record<'assertion' | 'privateKey' | 'token', string>> {
  const key = await newKey();
  const restore = await registerKey(server, 'gp', key);
  const assertion = await assertionOf(server, 'gp', key);
  const form = { grant_type: 'client_credentials', scope: CHECK, client_assertion_type: ASSERTION_TYPE };
  const { body } = await postForm(server, 'token', { ...form, client_assertion: assertion });
  await postForm(server, 'token', { ...form, client_assertion: `${assertion}${NAME}` });
  await postForm(server, 'introspect', { token: body.access_token ?? '', client_assertion: assertion });
  await restore();
  const { d = '' } = await exportJWK(key.privateKey);
  return { assertion: assertion.split('.')[2] ?? '', privateKey: d, token: body.access_token ?? '' };
}

/** Requests that no client of ours can send. */
async function comeAsTheyAre({ baseUrl }: TestServer, bsn: string, token: string): Promise<void> {
  await rawRequest(baseUrl, `/fhir/Organization?access_token=${token}&patient=${bsn}`);
  await rawRequest(baseUrl, `/${NAME}/${bsn}`, { method: 'BREW', headers: { Authorization: `Bearer ${token}${bsn}` } });
  await rawRequest(baseUrl, `/email/confirm?code=${bsn}`);
  await rawRequest(baseUrl, `/login/callback?code=${bsn}&state=${NAME}`, { headers: { Cookie: `session=${token}` } });
  await rawRequest(baseUrl, `/oauth/register/${bsn}`, { headers: { Authorization: `Bearer ${token}` } });
}
