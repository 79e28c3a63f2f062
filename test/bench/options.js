import { parseArgs } from 'node:util';

const numbers = (text) => text.split(',').map(Number);

/** What `npm run bench --` was told: see README.md in this folder. */
export function readOptions() {
  const { values } = parseArgs({
    options: {
      citizens: { type: 'string', default: '100000' },
      connections: { type: 'string', default: '1,16,64' },
      targets: { type: 'string', default: 'raw,echo,without door and token,without token,check' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '4' },
      'node-options': { type: 'string', default: '' },
    },
  });
  return {
    citizens: Number(values.citizens),
    connections: numbers(values.connections),
    targets: values.targets.split(','),
    rounds: Number(values.rounds),
    seconds: Number(values.seconds),
    nodeOptions: values['node-options'].split(' ').filter((word) => word !== ''),
  };
}
