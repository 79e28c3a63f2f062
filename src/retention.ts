import { removeExpired } from './audit/remove-expired.ts';
import { operate } from './operate.ts';
import { openDatabase } from './storage/database.ts';

/** `npm run retention`: removes what the log has kept for long enough. Prints one line of JSON. */
await operate(async ({ retentionYears }, { ownerUrl }) => {
  const owner = await openDatabase(ownerUrl, { applicationName: 'akkoord-retention', max: 1 });
  try {
    console.log(JSON.stringify(await removeExpired(owner, retentionYears)));
  } finally {
    await owner.close();
  }
});
