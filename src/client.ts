import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Caller } from './auth/caller.ts';
import type { Target } from './auth/permissions.ts';
import { parseScopes } from './auth/scopes.ts';
import { disableClient, readClient, readClients, registerClient } from './consent/client-registry.ts';
import { openDesk } from './consent/perform.ts';
import type { Register } from './consent/register.ts';
import type { Unit } from './consent/unit.ts';
import { parseStrictJson } from './fhir/strict-json.ts';
import { createLog } from './log.ts';
import { openRegister } from './open-register.ts';
import { openTrust } from './open-trust.ts';
import { operate } from './operate.ts';
import { Problem } from './problem.ts';
import { newestCatalogue } from './read-resources.ts';

const USAGE = `usage: npm run client -- add < client.json
       npm run client -- list
       npm run client -- show <client_id>
       npm run client -- disable <client_id>`;

/** Who has this machine, as the log names them. */
const OPERATOR: Caller = { role: 'admin', clientId: 'operator', scopes: parseScopes(['akkoord/client.manage']) };

/** A command: what it is for the log, and what it does in its transaction. */
interface Command {
  readonly target: Target;
  readonly work: (unit: Unit) => Promise<unknown>;
}

/** What the words ask for; nothing when that is none of the commands. */
async function commandOf([command, id = '', ...more]: readonly string[]): Promise<Command | undefined> {
  const names = id === '' ? command : `${command ?? ''} id`;
  if (more.length > 0) return undefined;
  if (names === 'list') return { target: 'Client.read', work: readClients };
  if (names === 'show id') return { target: 'Client.read', work: (unit) => readClient(unit, id) };
  if (names === 'disable id') {
    return { target: 'Client.delete', work: (unit) => disableClient(unit, id) };
  }
  if (names !== 'add') return undefined;
  const given = await text(process.stdin);
  return { target: 'Client.create', work: (unit) => registerClient(unit, parseStrictJson(given)) };
}

async function run(register: Register, { target, work }: Command): Promise<unknown> {
  try {
    return await openDesk(register).run({ caller: OPERATOR, target, requestId: randomUUID() }, work);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const sentences = error.issues.map((issue) => [issue.expression, issue.text].filter(Boolean).join(': '));
    throw new Error(sentences.join('\n'), { cause: error });
  }
}

const command = await commandOf(process.argv.slice(2));
if (command === undefined) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await operate(async (config, { database }) => {
    const { vault, holderVaults } = await openTrust(config);
    const log = createLog(config.logLevel);
    const parts = { database, vault, holderVaults, log, sandbox: config.sandbox, sendsMail: false };
    const register = await openRegister({ ...parts, nudge: () => undefined }, await newestCatalogue());
    console.log(JSON.stringify(await run(register, command), null, 2));
  });
}
