import type { Run } from './client.ts';
import { prefixOf } from './places.ts';

/** Locks the authors that posts have now and those that they are to get, in the order of their ids, and gives the ids. */
export async function lockAuthorsOf(
  run: Run,
  { ids, authors }: { readonly ids: readonly string[]; readonly authors: readonly string[] },
): Promise<readonly string[]> {
  const rows = await run<{ id: string }>(
    `CALL () {
       UNWIND $ids AS id MATCH (p:Post {id: id}) WHERE p.authorId IS NOT NULL RETURN collect(p.authorId) AS stored
     }
     UNWIND stored + $authors AS id WITH DISTINCT id ORDER BY id
     MERGE (a:Author {id: id}) SET a.lock = true RETURN id`,
    { ids, authors },
  );
  return rows.map((row) => row.id);
}

/** An author is named as in their newest live post, and goes with their last one. */
export async function nameAuthors(run: Run, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await run(
    `UNWIND $rows AS row MATCH (a:Author {id: row.id})
     CALL (row) {
       OPTIONAL MATCH (p:Post) WHERE p.authorPlace STARTS WITH row.prefix
       WITH p ORDER BY p.authorPlace DESC LIMIT 1 RETURN p
     }
     FOREACH (newest IN CASE WHEN p IS NULL THEN [] ELSE [p] END |
       SET a.platform = newest.platform, a.nativeId = newest.authorNativeId, a.handle = newest.authorHandle,
         a.handleKey = toLower(ltrim(newest.authorHandle, '@')), a.name = newest.authorName)
     FOREACH (gone IN CASE WHEN p IS NULL THEN [a] ELSE [] END | DETACH DELETE gone)`,
    { rows: ids.map((id) => ({ id, prefix: prefixOf(id) })) },
  );
}
