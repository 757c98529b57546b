import { searchTerms } from '../resolve/search-terms.ts';
import type { Connection } from './connection.ts';
import type { Clause } from './where.ts';

/** Greater than every character of a term. */
const END = '\u{10ffff}';

/** Makes entities found by one more surface form each. */
export function addSearchTerms(
  connection: Connection,
  forms: readonly { readonly entityId: string; readonly text: string }[],
): void {
  const rows = forms.flatMap(({ entityId, text }) => searchTerms(text).map((term) => [term, entityId, text] as const));
  connection.insert('INSERT INTO search_term', rows, 'ON CONFLICT DO NOTHING');
}

/** Makes an entity no longer found by a surface form. */
export function removeSearchTerms(connection: Connection, entityId: string, surface: string): void {
  for (const term of searchTerms(surface)) {
    connection.run('DELETE FROM search_term WHERE term = ? AND entity_id = ? AND surface = ?', term, entityId, surface);
  }
}

/** True of entities that have a surface form with a term for each of the words. */
export function foundBy(words: readonly string[]): Clause | undefined {
  if (words.length === 0) return undefined;
  const one = 'SELECT entity_id, surface FROM search_term WHERE term >= ? AND term < ?';
  const all = words.map(() => one).join(' INTERSECT ');
  return { sql: `id IN (SELECT entity_id FROM (${all}))`, values: words.flatMap((word) => [word, `${word}${END}`]) };
}
