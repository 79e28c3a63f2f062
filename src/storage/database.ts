import pg from 'pg';
import { inSpan } from '../trace.ts';
import { toProblem } from './database-problem.ts';
import { Silence } from './silence.ts';

/** What a statement gives back. */
interface Result<Row> {
  readonly rows: Row[];
  /** Rows returned or changed. */
  readonly rowCount: number;
}

/** Something that runs statements: the database, or one transaction of it. */
export interface Sql {
  /**
   * Runs one statement with bound values.
   * @param name Prepares it under this name, once a connection; for statements of the hot path.
   * @throws Problem conflict or unavailable, see `toProblem`
   */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[], name?: string): Promise<Result<Row>>;
}

/** A pool of connections. Each `query` stands alone; `inTransaction` binds several together. */
export interface Database extends Sql {
  /** A connection of one's own; give it back with `release`. */
  connect(): Promise<pg.PoolClient>;
  /** The connections at this moment, and how many wait for one. */
  count(): { readonly working: number; readonly idle: number; readonly waiting: number };
  /** Does what needs the server, and does not wait for one that says nothing; see `Silence`. */
  readonly heed: Silence['heed'];
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** Most connections at once; default 24. */
  readonly max?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
  /** How long one statement may take, in milliseconds, where it is not as usual. */
  readonly patience?: number;
  /** Told when an idle connection breaks; the pool replaces it by itself. */
  readonly onConnectionLost?: (error: unknown) => void;
}

const DURABILITY =
  "select current_setting('fsync') as fsync, current_setting('full_page_writes') as full_page_writes, current_setting('synchronous_commit') as synchronous_commit";

const DURABLE_COMMITS = new Set(['on', 'remote_apply', 'remote_write']);

const LIMITS = {
  connectionTimeoutMillis: 5_000,
  statement_timeout: 20_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 30_000,
  // For a connection that no longer answers, of a server that does.
  query_timeout: 30_000,
  keepAlive: true,
};

type Parse = (text: string) => unknown;

const parseDate = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text') as (text: string) => Date | number;

/** How values come out: timestamptz as whole milliseconds since 1970, int8 as number; the rest as pg does. */
const PARSERS: Readonly<Record<number, Parse>> = {
  [pg.types.builtins.TIMESTAMPTZ]: (text) => Math.floor(Number(parseDate(text))),
  [pg.types.builtins.INT8]: Number,
};

const TYPES: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    (format !== 'binary' ? PARSERS[oid] : undefined) ??
    (pg.types.getTypeParser as (oid: number, format?: string) => Parse)(oid, format)) as typeof pg.types.getTypeParser,
};

function sqlOf(runner: pg.Pool | pg.PoolClient, heed: Silence['heed']): Sql {
  return {
    async query(text, values = [], name) {
      try {
        const config = { text, values: [...values], ...(name === undefined ? {} : { name }) };
        const { rows, rowCount } = await inSpan(name ?? firstWord(text), () => heed(() => runner.query<never>(config)));
        return { rows, rowCount: rowCount ?? 0 };
      } catch (error) {
        throw toProblem(error);
      }
    },
  };
}

/** What a statement does: `select`, `commit`. Its text is ours, and its values are bound. */
function firstWord(text: string): string {
  return /\w+/.exec(text)?.[0] ?? 'query';
}

/** Refuses a server that could lose what it has acknowledged. */
async function assertDurable(sql: Sql): Promise<void> {
  const { rows } = await sql.query<Record<'fsync' | 'full_page_writes' | 'synchronous_commit', string>>(DURABILITY);
  const [settings] = rows;
  const wrong = [
    ...(settings?.fsync === 'on' ? [] : ['fsync']),
    ...(settings?.full_page_writes === 'on' ? [] : ['full_page_writes']),
    ...(DURABLE_COMMITS.has(settings?.synchronous_commit ?? '') ? [] : ['synchronous_commit']),
  ];
  if (wrong.length > 0) throw new Error(`The database could lose recorded choices: switch on ${wrong.join(', ')}.`);
}

/**
 * Opens a pool and makes sure that the server keeps what it acknowledges.
 * @throws Error with one sentence when fsync, full_page_writes or synchronous_commit is off; Problem unavailable when
 * the server cannot be reached
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<Database> {
  const silence = new Silence(url);
  const pool = new pg.Pool({
    connectionString: url,
    stream: silence.socket,
    max: options.max ?? 24,
    application_name: options.applicationName ?? 'akkoord',
    types: TYPES,
    ...LIMITS,
    ...(options.patience === undefined ? {} : { statement_timeout: options.patience, query_timeout: options.patience }),
  });
  // Without a listener a connection that breaks while idle would end the process. The pool is at its end before its connections
  // are: a server that stops meanwhile loses us nothing.
  pool.on('error', (error) => {
    if (!pool.ending) options.onConnectionLost?.(toProblem(error));
  });
  // Nor may one that breaks after it was lent and before it is used: what is asked of it then fails.
  pool.on('connect', (client) => void client.on('error', () => undefined));
  const heed: Silence['heed'] = (work) => silence.heed(work);
  const database: Database = {
    ...sqlOf(pool, heed),
    connect: () => heed(() => pool.connect()),
    count: () => ({ working: pool.totalCount - pool.idleCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    heed,
    close: () => pool.end().finally(() => silence.close()),
  };
  try {
    await assertDurable(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function borrow(database: Database): Promise<pg.PoolClient> {
  try {
    return await database.connect();
  } catch (error) {
    throw toProblem(error);
  }
}

/**
 * Runs `work` in one transaction (read committed): commits when it returns, rolls back when it throws.
 *
 * Nothing is tried again: writers of one citizen queue on `lockPatients`, so a deadlock is an accident the caller may
 * repeat, and repeating here would run the caller's other effects twice.
 */
export async function inTransaction<T>(database: Database, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await borrow(database);
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  const sql = sqlOf(client, database.heed);
  try {
    await sql.query('begin');
    const result = await work(sql);
    await sql.query('commit');
    return result;
  } catch (error) {
    await sql.query('rollback').catch((failure: unknown) => (broken = failure as Error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
