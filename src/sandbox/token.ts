import { readConfig } from '../config.ts';
import { openSandboxKeys } from './keys.ts';
import { citizenToken, clientToken } from './issue-token.ts';
import { SANDBOX_CITIZENS, SANDBOX_CLIENTS } from './people.ts';

const USAGE = `usage: npm run token -- <client>
       npm run token -- citizen <bsn>
clients: ${SANDBOX_CLIENTS.map((client) => client.id).join(', ')}`;

/** `npm run token -- gp`: prints an access token, alone on standard output. */
async function printToken(words: readonly string[]): Promise<void> {
  const keys = await openSandboxKeys(readConfig().dataDir);
  const [who, bsn] = words;
  if (who === 'citizen' && SANDBOX_CITIZENS.some((citizen) => citizen.bsn === bsn)) {
    console.log(await citizenToken(keys, bsn ?? ''));
  } else if (SANDBOX_CLIENTS.some((client) => client.id === who)) {
    console.log(await clientToken(keys, who ?? ''));
  } else {
    console.error(USAGE);
    process.exitCode = 2;
  }
}

await printToken(process.argv.slice(2));
