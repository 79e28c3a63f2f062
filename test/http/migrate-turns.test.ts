import { useTestServer } from '../setup/test-server.ts';
import { decided } from './family.ts';
import { holdTurn } from './hold-turn.ts';
import { migrate, migrated, outcomesOf, patientOf } from './migrating.ts';
import { GP } from './people.ts';
import { unsubscribe } from './subscriptions.ts';

const server = useTestServer();

describe('the turn of a citizen', () => {
  it('that comes after the subscription ended lets nothing be migrated', async () => {
    const bsn = await patientOf(server());
    const turn = await holdTurn(server(), bsn);
    const ending = unsubscribe(server(), bsn, GP);
    await turn.awaited(1);
    const migrating = migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    await turn.awaited(2);
    await turn.end();
    await ending;
    expect(outcomesOf(await migrating)).toEqual(['403 not-subscribed']);
    expect(await decided(server(), bsn)).toBe('deny no-consent');
  });

  it('that comes before it ends does', async () => {
    const bsn = await patientOf(server());
    const turn = await holdTurn(server(), bsn);
    const migrating = migrate(server(), [migrated(bsn, { permit: ['RPZAC005'] })]);
    await turn.awaited(1);
    const ending = unsubscribe(server(), bsn, GP);
    await turn.awaited(2);
    await turn.end();
    await ending;
    expect(outcomesOf(await migrating)).toEqual(['201 created']);
    expect(await decided(server(), bsn)).toBe('permit consent-given');
  });
});
