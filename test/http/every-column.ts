import type { TestServer } from '../setup/test-server.ts';

const COLUMNS = `
  select table_schema as schema, table_name as "table", column_name as "column"
  from information_schema.columns join information_schema.tables using (table_schema, table_name)
  where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
  order by table_schema, table_name, ordinal_position`;

interface Column extends Record<string, unknown> {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** What is looked for: words by a name for each, bytes as they are. */
export type Traces = Readonly<Record<string, string | Buffer>>;

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/**
 * Where in the database each trace stands: in every column of every table of every schema, partitions included, as it is,
 * in hexadecimal, and in base64 at any offset, upper case or lower.
 * @returns `table.column: name`, sorted
 */
export async function findEverywhere({ database }: TestServer, traces: Traces): Promise<string[]> {
  const { rows: columns } = await database.database.query<Column>(COLUMNS);
  const looks = Object.entries(traces).map(([name, trace]) => [name, formsOf(Buffer.from(trace))] as const);
  const found = new Set<string>();
  for (const { schema, table, column } of columns) {
    const text = `select ${quoted(column)}::text as value from ${quoted(schema)}.${quoted(table)}`;
    const { rows } = await database.database.query<{ value: string | null }>(text);
    const values = rows.flatMap(({ value }) => (value === null ? [] : readings(value)));
    for (const [name, forms] of looks) {
      if (values.some((value) => holds(value, forms))) found.add(`${table}.${column}: ${name}`);
    }
  }
  return [...found].sort();
}

/** Whether a text holds a trace in any of its forms. */
export function holdsTrace(text: string, trace: string | Buffer): boolean {
  return readings(text).some((value) => holds(value, formsOf(Buffer.from(trace))));
}

interface Forms {
  /** Looked for as they are. */
  readonly exact: readonly string[];
  /** Looked for in any case, in lower case. */
  readonly anyCase: readonly string[];
}

function holds(value: string, { exact, anyCase }: Forms): boolean {
  const lower = value.toLowerCase();
  return exact.some((form) => value.includes(form)) || anyCase.some((form) => lower.includes(form));
}

/** A value as its text, and bytes (`\x…`) also as what they spell. */
function readings(value: string): string[] {
  return value.startsWith('\\x') ? [value, Buffer.from(value.slice(2), 'hex').toString('latin1')] : [value];
}

function formsOf(trace: Buffer): Forms {
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), trace])
      .toString('base64')
      .replaceAll('=', '');
    // The first and last letter may hold bits of what stands beside it.
    const core = text.slice(offset === 0 ? 0 : offset + 1, (trace.length + offset) % 3 === 0 ? undefined : -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const latin1 = trace.toString('latin1');
  return { exact: [latin1, ...inBase64], anyCase: [latin1.toLowerCase(), trace.toString('hex')] };
}
