import { entitiesIn } from '../../domain/graph.ts';
import type { ErasedRows } from '../erase-author.ts';
import { decideAccount, POSTS_PER_ACCOUNT_RUN } from '../plan/accounts.ts';
import { canonicalise } from '../plan/canonicalise.ts';
import { addErased, type ErasedContent, erasureOf, namedBy, renameEvent } from '../plan/erase.ts';
import { NO_MARKS, withMark } from '../plan/marks.ts';
import type { OutboxEvent } from '../plan/rows.ts';
import { acceptMove, decidedRun } from '../plan/runs.ts';
import { lockAuthorsOf, nameAuthors } from './apply-authors.ts';
import { readMarks, writeMarks } from './apply-marks.ts';
import { applyRun } from './apply-run.ts';
import { forRows, integer, type Run } from './client.ts';
import { readContents } from './read-contents.ts';
import { readResolution } from './resolution.ts';
import { lockPosts, readNames, readPostsOfAuthor } from './write-state.ts';

const EVENTS_PER_READ = 5_000;

/** Hashes of the pictures that only this author's posts show, readable or hidden. */
export async function findPictures(run: Run, authorId: string): Promise<readonly string[]> {
  const rows = await run<{ sha256: string }>(
    `MATCH (p:Post) WHERE p.authorId = $authorId AND p.eventMs IS NOT NULL
     UNWIND coalesce(p.parkedPictures, COLLECT { MATCH (p)-[:HAS_IMAGE]->(i:Image) RETURN i.id }) AS sha256
     WITH DISTINCT sha256
     WHERE NOT EXISTS { MATCH (:Image {id: sha256})<-[:HAS_IMAGE]-(q:Post) WHERE q.authorId <> $authorId }
       AND NOT EXISTS { MATCH (q:Post) WHERE q.standing = 'hidden' AND q.authorId <> $authorId
         AND sha256 IN q.parkedPictures }
     RETURN sha256`,
    { authorId },
  );
  return rows.map((row) => row.sha256);
}

/** Takes everything of an author out of the database, inside a transaction. */
export async function eraseRows(run: Run, authorId: string, nowMs: number): Promise<ErasedRows> {
  const authors = await lockAuthorsOf(run, { ids: [], authors: [authorId] });
  const pictures = await findPictures(run, authorId);
  // A receiver may have answered with what it was sent: what was answered only helps to find faults.
  await run('MATCH (d:AlertDelivery) WHERE d.answer IS NOT NULL REMOVE d.answer');
  const mark = erasureOf(authorId);
  const known = (await readMarks(run, [authorId])).get(authorId) ?? NO_MARKS;
  const marks = new Map([[authorId, withMark(known, mark)]]);
  await writeMarks(run, marks);
  const states = [...(await lockPosts(run, await readPostsOfAuthor(run, authorId))).values()];
  const ofAuthor = states.filter((state) => state.authorId === authorId);
  const { moves } = decideAccount(ofAuthor, mark, marks);
  let content: ErasedContent = { facts: [], entities: [] };
  for (let at = 0; at < moves.length; at += POSTS_PER_ACCOUNT_RUN) {
    const part = moves.slice(at, at + POSTS_PER_ACCOUNT_RUN);
    const contents = await readContents(
      run,
      part.map((move) => move.stored.id),
    );
    const said = [...contents.values()];
    const resolution = await readResolution(run, said);
    content = addErased(content, [...said, ...said.map((post) => canonicalise(post, resolution))]);
    const accepted = part.map((move) => acceptMove(move, contents));
    await applyRun(run, decidedRun([], accepted), nowMs);
  }
  await nameAuthors(run, authors);
  const facts = await forgetFacts(run, content.facts);
  return { posts: moves.length, facts, events: await renameEvents(run, content.entities), pictures };
}

/** Removes what is kept of facts that nothing supports any more, and the past of those that others support. */
async function forgetFacts(run: Run, ids: readonly string[]): Promise<number> {
  await run(`UNWIND $ids AS id MATCH (f:FactPast) WHERE f.key STARTS WITH id + ' ' DELETE f`, { ids });
  const gone = await run<{ id: string }>(
    `UNWIND $ids AS id MATCH (f:Fact {id: id}) WHERE f.expiredMs IS NOT NULL DETACH DELETE f RETURN id`,
    { ids },
  );
  return gone.length;
}

/** Takes names that are no longer in the graph, or may be of these entities in the author's spelling, out of the outbox. */
async function renameEvents(run: Run, entityIds: readonly string[]): Promise<number> {
  const entities = new Set(entityIds);
  let changed = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const rows: readonly { key: string; event: string }[] = await run(
      'MATCH (o:Outbox) WHERE o.key > $after RETURN o.key AS key, o.event AS event ORDER BY o.key LIMIT $limit',
      { after, limit: integer(EVENTS_PER_READ) },
    );
    const events = rows.map(({ key, event }) => ({ key, event: JSON.parse(event) as OutboxEvent }));
    const names = await readNames(run, namedBy(events.map(({ event }) => event)));
    const renamed = events.flatMap(({ key, event }) => {
      const isTouched = entitiesIn(event).some((id) => entities.has(id) || !names.has(id));
      const now = isTouched ? renameEvent(event, names) : undefined;
      return now ? [{ key, event: JSON.stringify(now) }] : [];
    });
    await forRows(run, 'UNWIND $rows AS row MATCH (o:Outbox {key: row.key}) SET o.event = row.event', renamed);
    changed += renamed.length;
    after = rows.at(-1)?.key;
  }
  return changed;
}
