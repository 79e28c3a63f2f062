import { announce } from '../../src/consent/announce.ts';
import type { Unit } from '../../src/consent/unit.ts';
import { inTransaction, type Sql } from '../../src/storage/database.ts';
import { freshBsn, PHARMACY } from '../http/people.ts';
import { answer, choose, subscribeAt, useStage } from './holders.ts';

const stage = useStage();

/** How many statements announcing for these citizens takes when all of them have changed their minds. */
async function statementsFor(bsns: readonly string[]): Promise<number> {
  const { register } = stage().server.server;
  const patientKeys = bsns.map((bsn) => register.vault.keyOf(bsn));
  await register.database.query(`update notification set told = '{}' where patient_key = any($1)`, [patientKeys]);
  let statements = 0;
  await inTransaction(register.database, async (sql) => {
    const counting: Sql = {
      query: (text, values, name) => {
        statements += 1;
        return sql.query(text, values, name);
      },
    };
    const unit: Unit = {
      register,
      sql: counting,
      caller: { role: 'holder', clientId: 'test', scopes: new Set() },
      requestId: 'test',
      note: () => undefined,
      noted: () => [],
      afterCommit: () => undefined,
    };
    await announce(unit, patientKeys, Date.now());
  });
  const { rowCount } = await register.database.query(
    `select from notification where patient_key = any($1) and told::text <> '{}'`,
    [patientKeys],
  );
  expect(rowCount).toBe(bsns.length * 2);
  return statements;
}

describe('what is announced', () => {
  it('for many citizens takes no more statements than for one', async () => {
    const bsns = Array.from({ length: 12 }, freshBsn);
    for (const bsn of bsns) {
      await subscribeAt(stage(), bsn);
      await subscribeAt(stage(), bsn, { as: 'pharmacy', ura: PHARMACY, holderType: 'J8' });
      await choose(stage(), bsn, [answer('permit', { holderCategory: 'HA' }, { requester: PHARMACY })]);
    }
    expect(await statementsFor(bsns)).toBe(await statementsFor(bsns.slice(0, 1)));
  });
});
