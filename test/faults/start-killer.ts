import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from '../start/built-server.ts';
import type { Target } from './killer.ts';

/** The killer: a process beside the test. */
export interface Killer {
  /** Has something killed at a moment that nobody chose. */
  kill(target: Target): Promise<void>;
  end(): void;
}

export function startKiller(): Killer {
  const loader = pathToFileURL(join(ROOT, 'test', 'setup', 'register-typescript.js')).href;
  const program = fileURLToPath(new URL('killer.ts', import.meta.url));
  const child = fork(program, { execArgv: ['--import', loader] });
  return {
    async kill(target) {
      const killed = once(child, 'message');
      child.send(target);
      await killed;
    },
    end: () => void child.kill(),
  };
}
