/* global fetch */
import process from 'node:process';
import { parseArgs } from 'node:util';

// As much of curl as the printed command uses, for machines that do not have it: -s, -H, -d and an address.
const { values, positionals } = parseArgs({
  options: {
    s: { type: 'boolean', short: 's' },
    H: { type: 'string', short: 'H', multiple: true },
    d: { type: 'string', short: 'd' },
  },
  allowPositionals: true,
});
const headers = Object.fromEntries((values.H ?? []).map((line) => line.split(/: /, 2)));
const answer = await fetch(positionals[0], { method: 'POST', headers, body: values.d });
process.stdout.write(await answer.text());
