import { entitiesIn } from '../../domain/graph.ts';
import type { ErasedRows } from '../erase-author.ts';
import { decideAccount, POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { canonicalise } from '../plan/canonicalise.ts';
import { addErased, type ErasedContent, erasureOf, namedBy, renameEvent } from '../plan/erase.ts';
import { NO_MARKS, withMark } from '../plan/marks.ts';
import type { OutboxEvent } from '../plan/rows.ts';
import { acceptMove, decidedRun } from '../plan/runs.ts';
import { readMarks, writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import type { Connection } from './connection.ts';
import { readContents } from './read-contents.ts';
import { readResolution } from './resolution.ts';
import { rewriteFile } from './rewrite-file.ts';
import { isAmong } from './where.ts';
import { readNames, readStatesOfAuthor } from './write-state.ts';

const EVENTS_PER_READ = 5_000;

/** Takes everything of an author out of the file, free pages and write-ahead log included. */
export function eraseAuthor(
  connection: Connection,
  { authorId, nowMs }: { readonly authorId: string; readonly nowMs: number },
): ErasedRows {
  const erased = connection.transaction(() => eraseRows(connection, authorId, nowMs));
  rewriteFile(connection);
  return erased;
}

/** Hashes of the pictures that only this author's posts show, readable or hidden. */
export function findPictures(connection: Connection, authorId: string): readonly string[] {
  const rows = connection.all<{ sha256: string }>(
    `WITH picture AS (
       SELECT author_id, sha256 FROM image JOIN post ON post.id = post_id WHERE sha256 IS NOT NULL
       UNION ALL SELECT author_id, value ->> '$.sha256' FROM post, json_each(parked, '$.images')
       WHERE standing = 'hidden' AND value ->> '$.sha256' IS NOT NULL
     )
     SELECT sha256 FROM picture WHERE author_id = ?1 EXCEPT SELECT sha256 FROM picture WHERE author_id IS NOT ?1`,
    authorId,
  );
  return rows.map((row) => row.sha256);
}

function eraseRows(connection: Connection, authorId: string, nowMs: number): ErasedRows {
  const pictures = findPictures(connection, authorId);
  // A receiver may have answered with what it was sent: what was answered only helps to find faults.
  connection.run('UPDATE alert_delivery SET answer = NULL WHERE answer IS NOT NULL');
  const mark = erasureOf(authorId);
  const marks = new Map([[authorId, withMark(readMarks(connection, [authorId]).get(authorId) ?? NO_MARKS, mark)]]);
  writeMarks(connection, marks);
  const { moves } = decideAccount(readStatesOfAuthor(connection, authorId), mark, marks);
  let content: ErasedContent = { facts: [], entities: [] };
  for (let at = 0; at < moves.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = moves.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const contents = readContents(
      connection,
      part.map((move) => move.stored.id),
    );
    const said = [...contents.values()];
    const resolution = readResolution(connection, said);
    content = addErased(content, [...said, ...said.map((post) => canonicalise(post, resolution))]);
    const accepted = part.map((move) => acceptMove(move, contents));
    applyRun(connection, decidedRun([], accepted), nowMs);
  }
  const facts = forgetFacts(connection, content.facts);
  return { posts: moves.length, facts, events: renameEvents(connection, content.entities), pictures };
}

/** Removes what is kept of facts that nothing supports any more, and the past of those that others support. */
function forgetFacts(connection: Connection, ids: readonly string[]): number {
  const list = JSON.stringify(ids);
  connection.run(`DELETE FROM fact_past WHERE ${isAmong('id')}`, list);
  return connection.run(`DELETE FROM fact WHERE ${isAmong('id')} AND expired_ms IS NOT NULL`, list);
}

/** Takes names that are no longer in the graph, or may be of these entities in the author's spelling, out of the outbox. */
function renameEvents(connection: Connection, entityIds: readonly string[]): number {
  const entities = new Set(entityIds);
  let changed = 0;
  for (let after: number | undefined = 0; after !== undefined; ) {
    const rows: readonly { seq: number; event: string }[] = connection.all(
      'SELECT seq, event FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?',
      after,
      EVENTS_PER_READ,
    );
    const events = rows.map(({ seq, event }) => ({ seq, event: JSON.parse(event) as OutboxEvent }));
    const names = readNames(connection, namedBy(events.map(({ event }) => event)));
    for (const { seq, event } of events) {
      const isTouched = entitiesIn(event).some((id) => entities.has(id) || !names.has(id));
      const renamed = isTouched ? renameEvent(event, names) : undefined;
      if (!renamed) continue;
      connection.run('UPDATE outbox SET event = ? WHERE seq = ?', JSON.stringify(renamed), seq);
      changed++;
    }
    after = rows.at(-1)?.seq;
  }
  return changed;
}
