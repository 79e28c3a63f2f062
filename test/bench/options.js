import { parseArgs } from 'node:util';
import { TARGETS } from './targets.js';

const numbers = (text) => text.split(',').map(Number);

/** What `npm run bench --` was told: see README.md in this folder. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      citizens: { type: 'string', default: '10000,100000,1000000' },
      organisations: { type: 'string', default: '20000' },
      connections: { type: 'string' },
      targets: { type: 'string', default: Object.keys(TARGETS).join() },
      servers: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      rate: { type: 'string', default: '500' },
      'node-options': { type: 'string', default: '' },
    },
  });
  const targets = values.targets.split(',');
  const unknown = targets.filter((name) => TARGETS[name] === undefined);
  if (unknown.length > 0) throw new Error(`There is no target ${unknown.join()}: ${Object.keys(TARGETS).join(', ')}.`);
  return {
    citizens: numbers(values.citizens).sort((one, other) => one - other),
    organisations: Number(values.organisations),
    ...(values.connections !== undefined && { connections: numbers(values.connections) }),
    targets,
    servers: Number(values.servers),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    rate: Number(values.rate),
    nodeOptions: values['node-options'].split(' ').filter((word) => word !== ''),
  };
}
