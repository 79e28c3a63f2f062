import { type DatabaseHome, startDatabase } from './compose.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { findEmbedded } from './storage/embedded.ts';

/**
 * Runs a command of the operator on the register's database: beside a server that runs, also on its embedded database.
 * What goes wrong is said in sentences, and the process ends with 1.
 */
export async function operate(work: (config: Config, home: DatabaseHome) => Promise<void>): Promise<void> {
  try {
    const config = readConfig();
    const home = await openHome(config);
    await work(config, home).finally(() => home.close());
  } catch (error) {
    const sentences = error instanceof ConfigError ? error.sentences : [(error as Error).message];
    for (const sentence of sentences) console.error(sentence);
    process.exitCode = 1;
  }
}

async function openHome(config: Config): Promise<DatabaseHome> {
  const log = createLog(config.logLevel);
  const running = config.databaseUrl === undefined ? await findEmbedded(config.dataDir) : undefined;
  if (running === undefined) return startDatabase(config, log);
  const urls = { databaseUrl: running.applicationUrl, databaseOwnerUrl: running.url };
  return startDatabase({ ...config, ...urls }, log);
}
