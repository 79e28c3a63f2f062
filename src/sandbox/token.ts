import { type Config, ConfigError, readConfig } from '../config.ts';
import { openSandboxKeys, type SandboxKeys } from './keys.ts';
import { citizenToken, clientToken } from './issue-token.ts';
import { isTestCitizen, SANDBOX_CITIZENS, SANDBOX_CLIENTS } from './people.ts';

const USAGE = `usage: npm run token -- <client>
       npm run token -- citizen <bsn>
clients: ${SANDBOX_CLIENTS.map((client) => client.id).join(', ')}
citizens: ${SANDBOX_CITIZENS.map((citizen) => citizen.bsn).join(', ')}, or any valid BSN that starts with 9999`;

/** How the token that the words ask for is made; nothing when they ask for none. */
function tokenFor(words: readonly string[]): ((keys: SandboxKeys) => Promise<string>) | undefined {
  const [who = '', bsn = ''] = words;
  if (who === 'citizen' && words.length === 2 && isTestCitizen(bsn)) return (keys) => citizenToken(keys, bsn);
  const isClient = words.length === 1 && SANDBOX_CLIENTS.some((client) => client.id === who);
  return isClient ? (keys) => clientToken(keys, who) : undefined;
}

function fail(sentences: readonly string[], exitCode: number): void {
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = exitCode;
}

async function print(make: (keys: SandboxKeys) => Promise<string>, { dataDir, sandbox }: Config): Promise<void> {
  if (sandbox) console.log(await make(await openSandboxKeys(dataDir)));
  else fail(['The sandbox is off here, and only the sandbox gives tokens away.'], 1);
}

/** `npm run token -- gp`: prints an access token, alone on standard output. */
async function printToken(words: readonly string[]): Promise<void> {
  const make = tokenFor(words);
  if (make === undefined) {
    fail([USAGE], 2);
    return;
  }
  try {
    await print(make, readConfig());
  } catch (error) {
    fail(error instanceof ConfigError ? error.sentences : [(error as Error).message], 1);
  }
}

await printToken(process.argv.slice(2));
