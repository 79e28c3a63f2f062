import { startDatabase } from './compose.ts';
import { ConfigError, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { rotateVaults } from './notifications/rotate-vaults.ts';
import { openTrust } from './open-trust.ts';

/** `npm run rotate-keys`: new data keys for the vaults of all holders. Prints one line of what it did. */
async function rotateKeys(): Promise<void> {
  const config = readConfig();
  const { holderVaults } = await openTrust(config);
  const home = await startDatabase(config, createLog(config.logLevel));
  try {
    const { vaults, entries } = await rotateVaults(home.database, holderVaults);
    console.log(`The keys of ${vaults} vaults were rotated: ${entries} entries were sealed again.`);
  } finally {
    await home.close();
  }
}

await rotateKeys().catch((error: unknown) => {
  const sentences = error instanceof ConfigError ? error.sentences : [(error as Error).message];
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = 1;
});
