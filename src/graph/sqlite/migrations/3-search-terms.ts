import type { Connection } from '../connection.ts';
import { addSearchTerms } from '../search-index.ts';
import type { Migration } from './migration.ts';

/** Entities are found by the words of all their surface forms. */
export const searchTerms: Migration = {
  does: 'makes the words of all names searchable',
  apply(connection) {
    connection.script(`
      CREATE TABLE search_term (
        term TEXT NOT NULL, entity_id TEXT NOT NULL, surface TEXT NOT NULL, PRIMARY KEY (term, entity_id, surface)
      ) STRICT, WITHOUT ROWID`);
    addAll(connection);
  },
};

const SURFACES_PER_READ = 10_000;

function addAll(connection: Connection): void {
  let after = ['', ''];
  for (;;) {
    const rows = connection.all<{ entityId: string; text: string }>(
      'SELECT entity_id AS entityId, text FROM surface WHERE (entity_id, text) > (?, ?) ORDER BY entity_id, text LIMIT ?',
      ...after,
      SURFACES_PER_READ,
    );
    addSearchTerms(connection, rows);
    const last = rows.at(-1);
    if (!last) return;
    after = [last.entityId, last.text];
  }
}
