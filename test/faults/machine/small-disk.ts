import { execFile } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { newFolder } from '../../start/data-folders.ts';

const run = promisify(execFile);
const PIECES = [Buffer.alloc(1024 * 1024), Buffer.alloc(4096)];

/** A disk in memory, of a size that can be used up. */
export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws Error with one sentence where disks cannot be mounted */
  static async mount(megabytes: number): Promise<SmallDisk> {
    const folder = newFolder();
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]).catch((cause: unknown) => {
      throw new Error('A small disk cannot be mounted: this test needs Linux and root.', { cause });
    });
    return new SmallDisk(folder);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }

  /** Uses up what is left of it. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    for (const piece of PIECES) while (canWrite(file, piece));
    closeSync(file);
  }

  /** Gives back what was used up. */
  free(): void {
    rmSync(this.#filler);
  }

  async unmount(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
  }
}

function canWrite(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
