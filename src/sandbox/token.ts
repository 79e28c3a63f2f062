import { citizenToken, clientToken } from './issue-token.ts';
import { isTestCitizen, SANDBOX_CITIZENS, SANDBOX_CLIENTS } from './people.ts';
import { type Make, printSecret } from './print-secret.ts';

const USAGE = `usage: npm run token -- <client>
       npm run token -- citizen <bsn>
clients: ${SANDBOX_CLIENTS.map((client) => client.id).join(', ')}
citizens: ${SANDBOX_CITIZENS.map((citizen) => citizen.bsn).join(', ')}, or any valid BSN that starts with 9999`;

/** How the token that the words ask for is made; nothing when they ask for none. */
function tokenFor(words: readonly string[]): Make | undefined {
  const [who = '', bsn = ''] = words;
  if (who === 'citizen' && words.length === 2 && isTestCitizen(bsn)) return (keys) => citizenToken(keys, bsn);
  const isClient = words.length === 1 && SANDBOX_CLIENTS.some((client) => client.id === who);
  return isClient ? (keys) => clientToken(keys, who) : undefined;
}

/** `npm run token -- gp`: prints an access token. */
await printSecret(tokenFor(process.argv.slice(2)), USAGE);
