import { type Config, ConfigError, readConfig } from '../config.ts';
import { openSandboxKeys, type SandboxKeys } from './keys.ts';

/** Makes what a tester asked for, with the keys of the sandbox. */
export type Make = (keys: SandboxKeys, config: Config) => Promise<string>;

/**
 * Prints what only who can read the data folder may have, alone on standard output; or its usage, when nothing it makes was asked
 * for.
 */
export async function printSecret(make: Make | undefined, usage: string): Promise<void> {
  if (make === undefined) {
    fail([usage], 2);
    return;
  }
  try {
    await print(make, readConfig());
  } catch (error) {
    fail(error instanceof ConfigError ? error.sentences : [(error as Error).message], 1);
  }
}

async function print(make: Make, config: Config): Promise<void> {
  if (config.sandbox) console.log(await make(await openSandboxKeys(config.dataDir), config));
  else fail(['The sandbox is off here, and only the sandbox gives tokens away.'], 1);
}

function fail(sentences: readonly string[], exitCode: number): void {
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = exitCode;
}
