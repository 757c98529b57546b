import Database from 'libsql';
import { GrapevineError, messageOf } from '../../errors.ts';

/** What a statement may be given. */
export type SqlValue = string | number | null;

type Statement = Database.Statement<unknown[]>;

const PASSING = ['SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_FULL', 'SQLITE_IOERR', 'SQLITE_NOMEM', 'SQLITE_INTERRUPT'];
const UNUSABLE = [
  'SQLITE_CANTOPEN',
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT',
  'SQLITE_READONLY',
  'SQLITE_PERM',
  'SQLITE_AUTH',
];

/** Of what is inserted together; the rest goes one by one, so that there are two statements to prepare. */
const ROWS_PER_INSERT = 16;

/** How a database file is opened. */
export interface ConnectionOptions {
  readonly path: string;
  /** How long a statement waits for another process's transaction. */
  readonly busyTimeoutMs: number;
  /** Events are written as history, at which no alert rule fires. @default false */
  readonly quiet?: boolean;
}

/**
 * One connection to a database file. Synchronous: it belongs into a worker thread.
 *
 * Errors: GRAPH_TRANSIENT where the same call may succeed later, GRAPH_UNREACHABLE where the file cannot be used,
 * GRAPH_REJECTED where SQLite refuses the rows.
 */
export class Connection implements Disposable {
  readonly quiet: boolean;
  readonly #db: Database.Database;
  readonly #path: string;
  readonly #statements = new Map<string, Statement>();

  constructor({ path, busyTimeoutMs, quiet = false }: ConnectionOptions) {
    this.quiet = quiet;
    this.#path = path;
    try {
      this.#db = new Database(path, { timeout: busyTimeoutMs });
    } catch (error) {
      throw new GrapevineError('GRAPH_UNREACHABLE', `opening graph ${path}: ${messageOf(error)}; check the path`);
    }
    this.#guard('opening', () => {
      this.#db.exec(`PRAGMA busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
      // An offset is committed once the transaction is; a power cut must not undo it.
      this.#db.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY');
      // Ids are hashes, so that a batch changes pages all over the file: 64 MB of them are kept, and as much as 128 MB of the
      // log may wait, in which a page that changes again and again is written to the file once.
      this.#db.exec('PRAGMA cache_size = -65536; PRAGMA wal_autocheckpoint = 32000');
      // Deleted posts must not stay readable in free pages of the file.
      this.#db.prepare('PRAGMA secure_delete = ON').all();
    });
  }

  /** All rows of a query. */
  all<T>(sql: string, ...values: readonly SqlValue[]): T[] {
    return this.#guard('reading', () => this.#statement(sql).all(...values.map(bindable)) as T[]);
  }

  /** The first row of a query. */
  first<T>(sql: string, ...values: readonly SqlValue[]): T | undefined {
    return this.all<T>(sql, ...values)[0];
  }

  /** Runs a statement and returns how many rows it changed. */
  run(sql: string, ...values: readonly SqlValue[]): number {
    return this.#guard('writing', () => this.#statement(sql).run(...values.map(bindable)).changes);
  }

  /**
   * Inserts rows of as many values each, many with one statement: a call costs about as much as what it does with a row.
   *
   * @param into what goes before VALUES
   * @param onConflict what goes behind them
   */
  insert(into: string, rows: readonly (readonly SqlValue[])[], onConflict = ''): void {
    for (const { sql, values } of insertsOf(into, rows, onConflict)) this.run(sql, ...values);
  }

  /** The same for a statement that ends with RETURNING; what it returns is in no order. */
  insertReturning<T>(into: string, rows: readonly (readonly SqlValue[])[], ending: string): T[] {
    return [...insertsOf(into, rows, ending)].flatMap(({ sql, values }) => this.all<T>(sql, ...values));
  }

  /** Runs a statement whose parameters, `@name`, are the row's values; values it does not name are left out. */
  runFor<T extends { readonly [K in keyof T]: SqlValue }>(sql: string, row: T): number {
    Object.values<unknown>(row).forEach(bindable);
    return this.#guard('writing', () => this.#statement(sql).run(row).changes);
  }

  /** Runs several statements without parameters. */
  script(sql: string): void {
    this.#guard('writing', () => this.#db.exec(sql));
  }

  /** Runs `work` in a transaction that holds the write lock from its start; an error undoes all of it. */
  transaction<T>(work: () => T): T {
    return this.#guard('writing', () => {
      this.#db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        this.#db.exec('COMMIT');
        return result;
      } catch (error) {
        if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
        throw error;
      }
    });
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#db.close();
  }

  #statement(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const statement = this.#db.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(doing: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw error instanceof GrapevineError ? error : this.#describe(doing, error);
    }
  }

  #describe(doing: string, cause: unknown): GrapevineError {
    const code = String((cause as { code?: unknown }).code ?? '');
    const text = `${doing} graph ${this.#path}: ${messageOf(cause)}`;
    const isOneOf = (codes: readonly string[]) => codes.some((known) => code.startsWith(known));
    if (isOneOf(PASSING)) {
      return new GrapevineError('GRAPH_TRANSIENT', `${text}; it is tried again`, { retryable: true, cause });
    }
    if (isOneOf(UNUSABLE))
      return new GrapevineError('GRAPH_UNREACHABLE', `${text}; check the file and its rights`, { cause });
    return new GrapevineError('GRAPH_REJECTED', text, { cause });
  }
}

/** The driver aborts the whole process when it is given anything else, so types alone must not keep that away. */
function bindable(value: unknown): SqlValue {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  const found = `a value of type ${typeof value}`;
  throw new GrapevineError('GRAPH_REJECTED', `writing a row of the graph: it holds ${found}; extract the post again`);
}

function* insertsOf(into: string, rows: readonly (readonly SqlValue[])[], ending: string) {
  for (let at = 0; at < rows.length; ) {
    const count = rows.length - at < ROWS_PER_INSERT ? 1 : ROWS_PER_INSERT;
    const some = rows.slice(at, at + count);
    const places = `(${some[0]?.map(() => '?').join(', ')})`;
    yield { sql: `${into} VALUES ${some.map(() => places).join(', ')} ${ending}`, values: some.flat() };
    at += count;
  }
}
