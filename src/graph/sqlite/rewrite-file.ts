import { GrapevineError } from '../../errors.ts';
import type { Connection } from './connection.ts';

/**
 * Writes the database anew and empties its write-ahead log, so that no byte of what was deleted is left. `secure_delete`
 * alone leaves copies in the free space of pages between which rows were moved.
 *
 * @throws {GRAPH_TRANSIENT} while another process is in a transaction.
 */
export function rewriteFile(connection: Connection): void {
  try {
    // The copy that it works with may be too large for the memory.
    connection.script('PRAGMA temp_store = FILE; VACUUM; PRAGMA temp_store = MEMORY');
    const [done] = connection.all<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)');
    if (done?.busy === 0) return;
  } catch (error) {
    if (!(error instanceof GrapevineError && error.retryable)) throw error;
  }
  const text = 'erasing an author: the rows are gone, but another process kept the file from being written anew';
  throw new GrapevineError('GRAPH_TRANSIENT', `${text}; erase again`, { retryable: true });
}
