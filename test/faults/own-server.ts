import { newFolder } from '../start/data-folders.ts';
import { type RunningServer, start } from '../start/running-server.ts';
import type { OwnPostgres } from './own-postgres.ts';
import { quietPort } from './quiet-port.ts';

/** A sandbox in a process of its own, on a PostgreSQL of the test's own, that is started again at the same address. */
export class OwnServer {
  /** Folder of the sandbox's keys. */
  readonly dataDir: string;
  /** Milliseconds that each start took until the server was ready. */
  readonly starts: number[] = [];
  readonly #settings: Readonly<Record<string, string>>;
  #running: RunningServer;

  private constructor(settings: Readonly<Record<string, string>>, dataDir: string, running: RunningServer) {
    this.#settings = settings;
    this.dataDir = dataDir;
    this.#running = running;
    this.starts.push(running.readyAfter);
  }

  /** Starts one that `stopAll` stops. @param more settings beside the usual ones, or in their place */
  static async start(postgres: OwnPostgres, more: Readonly<Record<string, string>> = {}): Promise<OwnServer> {
    const dataDir = newFolder();
    const settings = {
      DATABASE_URL: postgres.applicationUrl,
      DATABASE_OWNER_URL: postgres.url,
      SANDBOX: 'true',
      DATA_DIR: dataDir,
      PORT: String(await quietPort()),
      LOG_LEVEL: 'info',
      ...more,
    };
    return new OwnServer(settings, dataDir, await startReady(settings));
  }

  get baseUrl(): string {
    return this.#running.baseUrl;
  }

  get running(): RunningServer {
    return this.#running;
  }

  get pid(): number {
    return this.#running.child.pid ?? 0;
  }

  kill(): void {
    this.#running.child.kill('SIGKILL');
  }

  /** Waits until it has ended, and starts it again. */
  async startAgain(): Promise<void> {
    await this.#running.ended;
    this.#running = await startReady(this.#settings);
    this.starts.push(this.#running.readyAfter);
  }

  /** @throws Error with the last that it said, when it has ended */
  async assertLives(): Promise<void> {
    const { child, ended } = this.#running;
    if (child.exitCode === null && child.signalCode === null) return;
    const { code, stderr } = await ended;
    throw new Error(`the server has ended with ${code ?? 'a signal'}: ${stderr.slice(-1000)}`);
  }

  /** What is answered to readiness; 0 when nothing is. */
  async readiness(): Promise<number> {
    return fetch(`${this.baseUrl}/health/ready`).then(
      ({ status }) => status,
      () => 0,
    );
  }
}

/** @throws Error with what it said, when it ended instead */
async function startReady(settings: Readonly<Record<string, string>>): Promise<RunningServer> {
  const running = await start(settings);
  if (running.child.exitCode === null && running.child.signalCode === null) return running;
  throw new Error(`the server does not start: ${(await running.ended).stderr.slice(-500)}`);
}
