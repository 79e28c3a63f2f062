import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROFILES = fileURLToPath(new URL('../profiles', import.meta.url));

/** The FHIR resources in a folder of `profiles/`, parsed, in the order of their file names. */
export async function readResources(folder: string): Promise<unknown[]> {
  const names = (await readdir(join(PROFILES, folder))).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(PROFILES, folder, name), 'utf8')) as unknown),
  );
}

/** The newest catalogue version: the folder of `profiles/catalogue` with the highest number. */
export async function newestCatalogue(): Promise<unknown[]> {
  const versions = (await readdir(join(PROFILES, 'catalogue'))).sort((one, other) => Number(one) - Number(other));
  return readResources(join('catalogue', versions.at(-1) ?? ''));
}
