import { SANDBOX_CLIENTS } from './people.ts';
import { type Make, printSecret } from './print-secret.ts';
import { signAssertion } from './sign-assertion.ts';

const USAGE = `usage: npm run assertion -- <client>
clients: ${SANDBOX_CLIENTS.map((client) => client.id).join(', ')}`;

function assertionFor([who = '', ...more]: readonly string[]): Make | undefined {
  const isClient = more.length === 0 && SANDBOX_CLIENTS.some((client) => client.id === who);
  return isClient ? (keys, { baseUrl }) => signAssertion(keys, who, baseUrl) : undefined;
}

/** `npm run assertion -- gp`: prints a client assertion, good for one access token at the token endpoint. */
await printSecret(assertionFor(process.argv.slice(2)), USAGE);
