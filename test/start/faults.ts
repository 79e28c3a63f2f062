import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { BsnVault } from '../../src/consent/bsn-vault.ts';
import { openSandboxKeys } from '../../src/sandbox/keys.ts';
import { ask, organization, patient, tokenIn, valueOf } from './ask.ts';
import type { Account } from './ledger.ts';

/** Connection string of the embedded database of a running server. */
export async function embeddedUrl(dataDir: string): Promise<string> {
  const home = join(dataDir, 'postgres');
  const password = await readFile(join(home, 'password'), 'utf8');
  const port = (await readFile(join(home, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[3] ?? '';
  return `postgres://akkoord:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`;
}

/** Runs one statement on the embedded database of a running server. */
export async function query<Row>(dataDir: string, text: string, values: readonly unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: await embeddedUrl(dataDir) });
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
}

type Cell = readonly {
  readonly name: string;
  readonly valueIdentifier?: { readonly value: string };
  readonly valueCode?: string;
}[];

function cellOf(part: Cell): string {
  const word = (name: string) => {
    const found = part.find((one) => one.name === name);
    return found?.valueIdentifier?.value ?? found?.valueCode ?? '';
  };
  return `${word('holderPlace')} ${word('requesterPlace')} ${word('decision')}`;
}

function sorted(answers: ReadonlyMap<string, string>): string {
  return [...answers]
    .map(([cell, decision]) => `${cell} ${decision}`)
    .sort()
    .join('\n');
}

async function profileOf(baseUrl: string, { bsn, token }: Account): Promise<string> {
  const reply = await ask(baseUrl, 'profile', token, [patient(bsn)]);
  if (reply.status !== 200) throw new Error(`a profile was answered with ${reply.status}`);
  const cells = (reply.body.parameter ?? []).map(({ part }) => cellOf(part as Cell));
  return cells.sort().join('\n');
}

/**
 * The last acknowledged choice counts, or the one after it of which no answer came; which of the two, is settled here.
 * The closed question and the profile say the same.
 */
async function answerFaults(baseUrl: string, dataDir: string, account: Account): Promise<string[]> {
  const profile = await profileOf(baseUrl, account);
  if (account.perhaps !== undefined && profile === sorted(account.perhaps)) account.answers = account.perhaps;
  delete account.perhaps;
  if (profile !== sorted(account.answers)) return ['the profile is not what was acknowledged'];
  const question = [patient(account.bsn), organization('holder', '00000659'), organization('requester', '00014332')];
  const reply = await ask(baseUrl, 'check', await tokenIn(dataDir, 'gp'), question);
  const expected = account.answers.get('HA RPZAC005') === 'permit' ? 'permit' : 'deny';
  return valueOf(reply, 'decision') === expected ? [] : ['the decision is not what was acknowledged'];
}

interface Kept {
  readonly id: string;
  readonly current: number;
  readonly versions: number[];
}

const KEPT = `
  select c.id, c.version as current, array_agg(h.version order by h.version) as versions
  from consent c left join consent_history h using (patient_key, id) where patient_key = $1 group by c.id, c.version`;
const CHOICES_LOGGED = `
  select count(*)::integer as logged from audit_event
  where patient_key = $1 and interaction = 'Consent.choose' and outcome = '0'`;

/** Versions run from 1 to the current one, each acknowledged one among them, and each choice stands in the log once. */
async function historyFaults(dataDir: string, account: Account): Promise<string[]> {
  const keys = await openSandboxKeys(dataDir);
  const key = new BsnVault(keys.bsnHashKey, keys.bsnCipherKey).keyOf(account.bsn);
  const kept = await query<Kept>(dataDir, KEPT, [key]);
  const [log] = await query<{ logged: number }>(dataDir, CHOICES_LOGGED, [key]);
  const there = new Set(kept.flatMap(({ id, versions }) => versions.map((version) => `${id} ${version}`)));
  const gaps = kept.filter(
    ({ current, versions }) => versions.length !== current || versions.some((version, index) => version !== index + 1),
  );
  const lost = [...account.versions].filter((version) => !there.has(version));
  const logged = log?.logged ?? 0;
  return [
    ...gaps.map(() => 'a history has a gap'),
    ...lost.map(() => 'an acknowledged version is lost'),
    ...(logged < account.acknowledged ? ['an acknowledged choice is not in the log'] : []),
    ...(logged > account.acknowledged + account.unknown ? ['the log holds a choice that was not made'] : []),
  ];
}

/** What is wrong in the register with what was acknowledged to this citizen. */
export async function faultsOf(baseUrl: string, dataDir: string, account: Account): Promise<string[]> {
  return [...(await answerFaults(baseUrl, dataDir, account)), ...(await historyFaults(dataDir, account))];
}
