import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const CATALOGUES = join(import.meta.dirname, '../../profiles/catalogue');

/** The parsed resources of one catalogue version, freshly read so that a test may change them. */
export function readCatalogueFiles(version = '3960100'): unknown[] {
  const folder = join(CATALOGUES, version);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}
