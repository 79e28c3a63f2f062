import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverProcesses } from '../../src/storage/postgres-process.ts';

const folders: string[] = [];

/** An empty folder for a server's data. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'akkoord-start-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
}

/** The processes of the embedded database under this data folder; none when there is no database yet. */
export function databaseIn(folder: string): Promise<number[]> {
  return serverProcesses(join(folder, 'postgres', 'cluster')).catch(() => []);
}
