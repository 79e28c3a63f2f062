import type { Patient } from '@medplum/fhirtypes';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SMTPServer } from 'smtp-server';
import { LIMIT_MS } from '../setup/test-database.ts';
import { type Answer, openTestServer, type TestServer } from '../setup/test-server.ts';
import { settled } from './citizens.ts';
import { choose, patientOf, said } from './family.ts';
import { freshBsn } from './people.ts';
import { patient } from './resources.ts';

/** A mail as an SMTP server took it. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body, as they came over the line. */
  readonly raw: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, decoded. */
  readonly text: string;
}

/** An SMTP server that keeps what it is given. */
export interface SmtpServer {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** The mails for an address, once there are so many of them. */
  mailsTo(address: string, count?: number): Promise<readonly ReceivedMail[]>;
  close(): Promise<void>;
}

interface SmtpOptions {
  /** The same port as an earlier one. */
  readonly port?: number;
  /** Addresses for which no mail is taken. */
  readonly refused?: ReadonlySet<string>;
}

/** Starts an SMTP server on loopback. */
export async function openSmtpServer({ port = 0, refused = new Set() }: SmtpOptions = {}): Promise<SmtpServer> {
  const mails: ReceivedMail[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onRcptTo({ address }, _session, done) {
      const text = `550 <${address}> is not here`;
      done(refused.has(address) ? Object.assign(new Error(text), { responseCode: 550 }) : null);
    },
    onData(stream, { envelope }, done) {
      const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
      const to = envelope.rcptTo.map(({ address }) => address);
      void buffer(stream).then((bytes) => {
        mails.push({ from, to, ...read(bytes.toString('utf8')) });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  const listener: Server = server.listen(port, '127.0.0.1');
  await once(listener, 'listening');
  const { port: bound } = listener.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    mails,
    async mailsTo(address, count = 1) {
      const found = () => mails.filter(({ to }) => to.includes(address));
      await until(() => found().length >= count);
      return found();
    },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

/** Gives the test file it is called in a server whose mails go to an SMTP server; ask the returned functions inside tests. */
export function useMails(refused: ReadonlySet<string> = new Set()): {
  readonly server: () => TestServer;
  readonly smtp: () => SmtpServer;
} {
  let opened: { readonly smtp: SmtpServer; readonly server: TestServer } | undefined;
  beforeAll(async () => {
    const smtp = await openSmtpServer({ refused });
    opened = { smtp, server: await openTestServer({ smtpUrl: smtp.url }) };
  }, LIMIT_MS);
  afterAll(async () => {
    await opened?.server.close();
    await opened?.smtp.close();
  }, LIMIT_MS);
  const there = () => {
    if (opened === undefined) throw new Error('the servers are opened before the first test');
    return opened;
  };
  return { server: () => there().server, smtp: () => there().smtp };
}

/** Waits for what happens by itself. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + LIMIT_MS / 2;
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('what was waited for did not happen');
    await sleep(50);
  }
}

function read(raw: string): Pick<ReceivedMail, 'raw' | 'headers' | 'text'> {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { raw, headers, text: raw.slice(end + 4).replaceAll('\r\n', '\n') };
}

export const EVENTS = ['choices-changed', 'emergency', 'lock-attempt', 'family'] as const;

/** Waits until everything that is in the queue has been sent. */
export async function queueIsEmpty({ database }: TestServer): Promise<void> {
  await until(async () => (await database.database.query('select from mail')).rowCount === 0);
}

/** The languages a Patient reads, the first of them preferred. */
export function speaking(...languages: readonly string[]): object {
  const communication = languages.map((code, at) => ({
    language: { coding: [{ system: 'urn:ietf:bcp:47', code }] },
    ...(at === 0 ? { preferred: true } : {}),
  }));
  return { communication };
}

/** What a Patient says of mail: where, and in which languages, the first of them preferred. */
export function contact(address: string, ...languages: readonly string[]): object {
  return {
    telecom: [
      { system: 'phone', value: '+31 6 00000000' },
      { system: 'email', value: address },
    ],
    ...(languages.length === 0 ? {} : speaking(...languages)),
  };
}

/** Makes the citizen's Patient, or changes it. */
export async function savePatient(server: TestServer, bsn: string, more: object): Promise<Answer<Patient>> {
  const call = { as: `citizen:${bsn}`, body: patient(bsn, more) };
  const made = await server.fhir<Patient>('/Patient', call);
  if (made.status !== 409) return made;
  return server.fhir<Patient>(`/${await patientOf(server, bsn)}`, { ...call, method: 'PUT' });
}

let lastAddress = 0;

/** An address nobody had before. */
export function freshAddress(): string {
  lastAddress += 1;
  return `citizen.${lastAddress}@example.org`;
}

/** A citizen who gave this address, or another, and has confirmed it. */
export async function reachable(
  server: TestServer,
  smtp: SmtpServer,
  bsn: string,
  { address = freshAddress(), more = {} }: { readonly address?: string; readonly more?: object } = {},
): Promise<string> {
  const saved = await savePatient(server, bsn, { ...contact(address), ...more });
  if (saved.status >= 300) throw new Error(JSON.stringify(saved.body));
  const asked = (await smtp.mailsTo(address)).at(-1);
  const confirmed = await sendCode(server, confirmationIn(asked).code);
  if (confirmed.status !== 200) throw new Error(`a code was answered with ${confirmed.status}`);
  return address;
}

/** The link in a mail that asks for a confirmation, and its code. */
export function confirmationIn(mail: { readonly text: string } | undefined): {
  readonly link: string;
  readonly code: string;
} {
  const [link = '', code = ''] = /^http\S+#(\S+)$/m.exec(mail?.text ?? '') ?? [];
  return { link, code };
}

/** A citizen who wants every mail. */
export async function curious(server: TestServer): Promise<string> {
  const bsn = freshBsn();
  await settled(server, bsn, { emailOn: EVENTS });
  return bsn;
}

/** Something happens that a citizen may want to know. */
export async function change(server: TestServer, bsn: string): Promise<void> {
  await choose(server, bsn, said('permit'));
}

/** Sends the form of the page where an address is confirmed. */
export function sendCode(server: TestServer, code: string): Promise<Response> {
  return fetch(`${server.baseUrl}/email/confirm`, { method: 'POST', body: new URLSearchParams({ code }) });
}
