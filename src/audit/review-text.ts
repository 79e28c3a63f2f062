import type { Review, ReviewLine } from './review.ts';

const COLUMNS = [
  'topic',
  'organisation',
  'professional',
  'citizen',
  'first',
  'last',
  'count',
  'citizens',
  'flagged',
  'event',
] as const satisfies readonly (keyof ReviewLine)[];

/** Whatever a terminal or a spreadsheet would take for more than text: control characters and turns of direction. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What a spreadsheet takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@]/;

/** How a review is shown: for people, for programs, for a spreadsheet. */
export const REVIEW_FORMATS: Readonly<Record<string, (review: Review) => string>> = {
  table: reviewTable,
  json: (review) => JSON.stringify(review, undefined, 2),
  csv: reviewCsv,
};

function cellsOf(line: ReviewLine): string[] {
  return COLUMNS.map((column) => String(line[column] ?? '').replace(UNPRINTABLE, '\uFFFD'));
}

function reviewTable({ from, to, lines }: Review): string {
  const rows = [[...COLUMNS], ...lines.map(cellsOf)];
  const widths = COLUMNS.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  const text = rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const title = `Audit log from ${from} to ${to}: ${lines.length} for a second look.`;
  return [title, ...(lines.length === 0 ? [] : text)].join('\n');
}

/** https://www.rfc-editor.org/rfc/rfc4180 */
function reviewCsv({ lines }: Review): string {
  const rows = [[...COLUMNS], ...lines.map((line) => cellsOf(line).map(defused))];
  return rows.map((row) => row.map(quoted).join(',')).join('\r\n');
}

function defused(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

function quoted(cell: string): string {
  return /[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
