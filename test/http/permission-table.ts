import { readFileSync } from 'node:fs';

/** The cells of a row, by caller. */
export type Row = Readonly<Record<string, string>>;

const TEXT = readFileSync(new URL('permissions.md', import.meta.url), 'utf8');
const [INSIDE = '', OUTSIDE = ''] = TEXT.split('## Outside');

/** What every caller is answered at every guarded address. */
export const PERMISSIONS: Readonly<Record<string, Row>> = readTable(INSIDE);
/** What nobody in particular is answered at every other address. */
export const OTHER_ADDRESSES: Readonly<Record<string, Row>> = readTable(OUTSIDE);

/** The rows of a table by address, the cells by caller. */
function readTable(text: string): Record<string, Row> {
  const [head = [], , ...rows] = text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    );
  const addresses = [...text.matchAll(/^\| `([^`]+)`/gm)].map(([, address = '']) => address);
  return Object.fromEntries(
    addresses.map((address, at) => [
      address,
      Object.fromEntries(head.map((caller, cell) => [caller, rows[at]?.[cell] ?? ''])),
    ]),
  );
}
