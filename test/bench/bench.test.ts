import { LIMIT_MS } from '../setup/test-database.ts';
import { buildServer } from '../start/built-server.ts';
import { run } from '../start/running-server.ts';

interface Line {
  readonly name: string;
  readonly connections: number;
  readonly requestsPerSecond: number;
  readonly errors: number;
}

beforeAll(buildServer, LIMIT_MS);

describe('the benchmark, as small as it can be', () => {
  it(
    'prints one line of JSON per measurement, and a table beside them',
    async () => {
      const size = ['--citizens', '200', '--rounds', '1', '--seconds', '1', '--connections', '1,4'];
      const { code, stdout, stderr } = await run([process.execPath, 'test/bench/bench.js', ...size], {
        DATABASE_URL: process.env['DATABASE_URL'] ?? '',
      });
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      expect(lines.map(({ name, connections }) => `${name} ${connections}`)).toEqual([
        'raw 1',
        'echo 1',
        'without door and token 1',
        'without token 1',
        'check 1',
        'raw 4',
        'echo 4',
        'without door and token 4',
        'without token 4',
        'check 4',
      ]);
      expect(lines.every(({ errors, requestsPerSecond }) => errors === 0 && requestsPerSecond > 0)).toBe(true);
      expect(stderr).toMatch(/ratioToEcho/);
      expect(code).toBe(0);
    },
    LIMIT_MS,
  );
});
