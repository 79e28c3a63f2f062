import { randomBytes } from 'node:crypto';
import type { Subscription } from '@medplum/fhirtypes';
import { HolderVaults, type Sealed } from '../../src/notifications/holder-vaults.ts';
import { notificationSecretOf } from '../../src/notifications/notification-secret.ts';
import { rotateVaults } from '../../src/notifications/rotate-vaults.ts';
import { inTransaction } from '../../src/storage/database.ts';
import { findDataKeys } from '../../src/storage/holder-vault.ts';
import { findSubscriptions } from '../../src/storage/subscription.ts';
import { useTestServer } from '../setup/test-server.ts';
import { codesOf, idsOf } from './answers.ts';
import { freshBsn, freshUra, GP, PHARMACY } from './people.ts';
import { freshEndpoint, subscription } from './subscription-bodies.ts';
import { subscribe } from './subscriptions.ts';

const server = useTestServer();

const as = 'gp';
const register = () => server().server.register;
const database = () => server().database.database;
const send = (body: Subscription) => server().fhir<Subscription>('/Subscription', { as, body });
const read = (id: string) => server().fhir<Subscription>(`/Subscription/${id}`, { as });

/** Every row of every table but the log's and the runner's own, as text. */
async function everything(): Promise<string> {
  const { rows } = await database().query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const texts = await Promise.all(
    rows.map(async ({ name }) => {
      const { rows: lines } = await database().query<{ text: string }>(`select t::text as text from "${name}" as t`);
      return lines.map(({ text }) => `${name} ${text}`).join('\n');
    }),
  );
  return texts.join('\n');
}

const sealedOf = async (bsn: string) => {
  const [row] = await findSubscriptions(database(), [register().vault.keyOf(bsn)]);
  if (row === undefined) throw new Error('there is no subscription');
  return { ...row, content: row.content as Sealed };
};

const keyVersions = async (ura: string) =>
  (await findDataKeys(database(), [register().holderVaults.vaultOf(ura)])).map(({ keyVersion }) => keyVersion);

const KEYS_IN_USE = `
  select distinct (content ->> 'key')::integer as key from subscription where vault = $1 and content is not null
  union select (content ->> 'key')::integer from subscription_history where vault = $1 and content is not null
  union select (content ->> 'key')::integer from holder_secret where vault = $1`;

const keysInUse = async (ura: string) => {
  const { rows } = await database().query<{ key: number }>(KEYS_IN_USE, [register().holderVaults.vaultOf(ura)]);
  return rows.map(({ key }) => key);
};

/** What one organisation holds under a key of its own, with the keys of a server that has other master keys. */
const other = { master: randomBytes(32), hash: randomBytes(32) };

describe('a vault', () => {
  it('opens with its own data keys and no other holder’s, for one entry and no other', async () => {
    const bsn = freshBsn();
    await send(subscription(bsn));
    const { id, vault, content } = await sealedOf(bsn);
    const { holderVaults } = register();
    const theirs = holderVaults.vaultOf(PHARMACY);
    await subscribe(server(), bsn, PHARMACY);
    const keys = await holderVaults.keysOf(database(), [vault, theirs]);
    expect(JSON.parse(keys.open(vault, id, content))).toMatchObject({ resourceType: 'Subscription' });
    const locked = /cannot open a vault/;
    expect(() => keys.open(theirs, id, content)).toThrow(locked);
    expect(() => keys.open(vault, 'another', content)).toThrow(locked);
    const onlyTheirs = await holderVaults.keysOf(database(), [theirs]);
    expect(() => onlyTheirs.open(vault, id, content)).toThrow(locked);
    const strange = new HolderVaults(other.master, other.hash);
    await expect(strange.keysOf(database(), [vault])).rejects.toThrow(locked);
  });

  it('lets nothing be read in the database: no BSN, holder, endpoint, header or secret', async () => {
    const [bsn, endpoint, header] = [freshBsn(), freshEndpoint(), `X-Key: ${randomBytes(8).toString('hex')}`];
    const ura = freshUra();
    const { body } = await send(subscription(bsn, { endpoint, header: [header], birthDate: '1971-03-09' }));
    await server().fhir(`/Subscription/${body.id ?? ''}`, { as, method: 'PUT', body: subscription(bsn, { endpoint }) });
    await subscribe(server(), bsn, ura);
    const text = await everything();
    expect(text).toContain(body.id);
    const secret = await notificationSecretOf(database(), register().holderVaults, register().holderVaults.vaultOf(GP));
    for (const word of [bsn, endpoint, header, secret, secret.slice('whsec_'.length)]) expect(text).not.toContain(word);
    const lines = text.split('\n').filter((line) => /^(subscription|holder_)/.test(line));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) for (const word of [GP, ura, 'Z3']) expect(line).not.toContain(`"${word}"`);
  });
});

describe('rotating the keys of vaults', () => {
  it('seals everything again under a new key, and keeps only the one before', async () => {
    const bsn = freshBsn();
    const { body: first } = await send(subscription(bsn));
    const { body: second } = await send(subscription(bsn, { endpoint: freshEndpoint() }));
    const id = first.id ?? '';
    const [before = 0] = await keysInUse(GP);
    const { vaults, entries } = await rotateVaults(database(), register().holderVaults);
    expect(vaults).toBeGreaterThan(1);
    expect(entries).toBeGreaterThan(3);
    expect(await keysInUse(GP)).toEqual([before + 1]);
    expect(await keyVersions(GP)).toEqual([before, before + 1]);
    await rotateVaults(database(), register().holderVaults);
    expect(await keysInUse(GP)).toEqual([before + 2]);
    expect(await keyVersions(GP)).toEqual([before + 1, before + 2]);
    expect((await read(id)).body).toEqual(second);
    expect((await server().fhir(`/Subscription/${id}/_history/1`, { as })).body).toEqual(first);
    expect((await send(subscription(bsn, { endpoint: second.channel.endpoint ?? '' }))).body).toEqual(second);
  });

  it('takes the vaults from one master key to the next', async () => {
    const bsn = freshBsn();
    const { body } = await send(subscription(bsn));
    const { vault, id } = await sealedOf(bsn);
    const [master, next, hash] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    // The other vaults stay wrapped by the server's own key: this one is taken to `master` and from there to `next`.
    const { holderVaults } = register();
    const own = await inTransaction(database(), async (sql) => {
      const there = await findDataKeys(sql, [vault]);
      const keys = await holderVaults.keysOf(sql, [vault]);
      await sql.query('create table kept as select * from holder_vault where vault <> $1', [vault]);
      await sql.query('delete from holder_vault where vault <> $1', [vault]);
      for (const { keyVersion, wrappedKey } of new HolderVaults(master, hash).rewrap(vault, keys)) {
        const values = [vault, keyVersion, wrappedKey];
        await sql.query('update holder_vault set wrapped_key = $3 where vault = $1 and key_version = $2', values);
      }
      return there;
    });
    await expect(rotateVaults(database(), new HolderVaults(next, hash))).rejects.toThrow(/cannot open a vault/);
    await rotateVaults(database(), new HolderVaults(next, hash, master));
    const keys = await new HolderVaults(next, hash).keysOf(database(), [vault]);
    expect(JSON.parse(keys.open(vault, id, (await sealedOf(bsn)).content))).toMatchObject({ criteria: body.criteria });
    await expect(new HolderVaults(master, hash).keysOf(database(), [vault])).rejects.toThrow(/cannot open a vault/);
    expect(own.length).toBeGreaterThan(0);
    await inTransaction(database(), async (sql) => {
      for (const { keyVersion, wrappedKey } of holderVaults.rewrap(vault, keys)) {
        const values = [vault, keyVersion, wrappedKey];
        await sql.query('update holder_vault set wrapped_key = $3 where vault = $1 and key_version = $2', values);
      }
      await sql.query('insert into holder_vault select * from kept');
      await sql.query('drop table kept');
    });
    expect((await read(id)).body).toEqual(body);
  });

  it('undoes what it did of a vault it could not finish, and does it the next time', async () => {
    const bsn = freshBsn();
    const { body } = await send(subscription(bsn));
    const { id, content } = await sealedOf(bsn);
    const before = await keyVersions(GP);
    const broken = JSON.stringify({ ...content, sealed: 'AAAA' });
    await database().query('update subscription set content = $2::json where id = $1', [id, broken]);
    await expect(rotateVaults(database(), register().holderVaults)).rejects.toThrow(/cannot open a vault/);
    expect(await keyVersions(GP)).toEqual(before);
    await database().query('update subscription set content = $2::json where id = $1', [id, JSON.stringify(content)]);
    await rotateVaults(database(), register().holderVaults);
    expect(await keyVersions(GP)).not.toEqual(before);
    expect((await read(id)).body).toEqual(body);
  });

  it('keeps the key under which somebody seals at this moment', async () => {
    const { holderVaults } = register();
    const vault = holderVaults.vaultOf(GP);
    const bsn = freshBsn();
    const { body } = await send(subscription(bsn));
    await inTransaction(database(), async (sql) => {
      const keys = await holderVaults.openOrMake(sql, vault, Date.now());
      await rotateVaults(database(), holderVaults);
      await rotateVaults(database(), holderVaults);
      const { id, content } = await sealedOf(bsn);
      const text = (await holderVaults.keysOf(sql, [vault])).open(vault, id, content);
      await sql.query('update subscription set content = $2 where id = $1', [id, keys.seal(vault, id, text)]);
    });
    expect((await keyVersions(GP)).length).toBe(3);
    expect((await read(body.id ?? '')).body).toEqual(body);
    await rotateVaults(database(), holderVaults);
    await rotateVaults(database(), holderVaults);
    expect((await keyVersions(GP)).length).toBe(2);
    expect((await send(subscription(bsn))).body.id).toBe(body.id);
  });

  it('again and again, disturbs nobody who reads and writes meanwhile', async () => {
    const bsns = Array.from({ length: 8 }, freshBsn);
    const ids = await Promise.all(bsns.map(async (bsn) => (await send(subscription(bsn))).body.id ?? ''));
    const seen = new Map<number, number>();
    const count = ({ status }: { status: number }) => seen.set(status, (seen.get(status) ?? 0) + 1);
    let rotating = true;
    const busy = bsns.map(async (bsn, at) => {
      for (let round = 0; rotating; round += 1) {
        const answer =
          round % 3 === 0
            ? await send(subscription(bsn, { endpoint: freshEndpoint() }))
            : round % 3 === 1
              ? await read(ids[at] ?? '')
              : await server().fhir('/Subscription?status=active&_count=5', { as });
        if (answer.status === 503) expect(codesOf(answer)).not.toContain('unexpected');
        count(answer);
      }
    });
    for (let turn = 0; turn < 5; turn += 1) await rotateVaults(database(), register().holderVaults);
    rotating = false;
    await Promise.all(busy);
    expect([...seen.keys()].every((status) => status === 200 || status === 503)).toBe(true);
    expect(seen.get(200)).toBeGreaterThan(seen.get(503) ?? 0);
    for (const [at, bsn] of bsns.entries()) {
      expect((await read(ids[at] ?? '')).status).toBe(200);
      expect((await send(subscription(bsn))).body.id).toBe(ids[at]);
      expect((await server().fhir(`/Subscription/${ids[at] ?? ''}/_history?_count=1000`, { as })).status).toBe(200);
    }
    expect(idsOf(await server().fhir('/Subscription?status=active&_count=1000', { as })).length).toBeGreaterThan(8);
  });
});
