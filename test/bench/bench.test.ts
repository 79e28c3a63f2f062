import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from '../start/built-server.ts';
import { run } from '../start/running-server.ts';

interface Line {
  readonly name: string;
  readonly citizens: number;
  readonly requestsPerSecond: number;
  readonly errors: number;
  readonly looked: number;
}

const SIZE = ['--citizens', '200,400', '--organisations', '400', '--rounds', '1', '--seconds', '0.2'];
const LOAD = ['--connections', '4', '--rate', '100'];

beforeAll(buildServer, LIMIT_MS);

describe('the benchmark, as small as it can be', () => {
  it(
    'prints one line of JSON per measurement and size, and tables beside them',
    async () => {
      const { code, stdout, stderr } = await run([process.execPath, 'test/bench/bench.js', ...SIZE, ...LOAD], {
        DATABASE_URL: process.env['DATABASE_URL'] ?? '',
      });
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      expect(lines.map(({ name, citizens }) => `${name} ${citizens}`)).toEqual([
        'raw 400',
        'echo 400',
        'naive 400',
        'without door and token 400',
        'without token 400',
        'check 200',
        'check 400',
        'rate 200',
        'rate 400',
        'batch 400',
        'locate 400',
        'search 400',
        'choose 400',
        'mixed 400',
        'size 200',
        'size 400',
      ]);
      const measured = lines.filter(({ name }) => name !== 'size');
      expect(measured.every(({ errors, requestsPerSecond }) => errors === 0 && requestsPerSecond > 0)).toBe(true);
      expect(measured.filter(({ name, looked }) => name === 'check' && looked > 0)).toHaveLength(2);
      expect(stderr).toMatch(/\| target +\| +citizens \| +connections \|/);
      expect(stderr).toMatch(/200 → 400/);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );
});
