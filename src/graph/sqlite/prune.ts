import type { PrunedPart, PruneRequest } from '../graph-store.ts';
import { picturesOf, pruneRun } from '../plan/prune.ts';
import { nextOf } from '../scan.ts';
import { applyRun } from './apply-run.ts';
import type { Connection } from './connection.ts';
import { readContents } from './read-contents.ts';
import { isAmong } from './where.ts';
import { readPostStates } from './write-state.ts';

/** Removes old posts among the next ones in one transaction; see `GraphStore.prune`. */
export function prune(connection: Connection, request: PruneRequest, nowMs: number): PrunedPart {
  const { after, limit, dryRun } = request;
  const looked = connection.all<{ id: string; eventMs: number | null }>(
    'SELECT id, event_ms AS eventMs FROM post WHERE id > ? ORDER BY id LIMIT ?',
    after,
    limit,
  );
  const next = nextOf(looked, limit);
  const isOld = ({ eventMs }: { eventMs: number | null }) => eventMs !== null && eventMs < request.beforeMs;
  const ids = looked.filter(isOld).map((post) => post.id);
  if (dryRun) return { posts: ids.length, pictures: [], next };
  return connection.transaction(() => {
    const states = new Map([...readPostStates(connection, ids)].filter(([, state]) => isOld(state)));
    const contents = readContents(connection, [...states.keys()]);
    applyRun(connection, pruneRun(states, contents, nowMs), nowMs);
    const gone = JSON.stringify([...states.keys()]);
    connection.run(`DELETE FROM marks WHERE ${isAmong('subject_id')}`, gone);
    connection.run(`DELETE FROM post WHERE ${isAmong('id')}`, gone);
    if (next === undefined) forgetPast(connection, request.beforeMs);
    return { posts: states.size, pictures: picturesOf(contents.values()), next };
  });
}

function forgetPast(connection: Connection, beforeMs: number): void {
  connection.run('DELETE FROM fact_past WHERE expired_ms < ?', beforeMs);
  connection.run('DELETE FROM fact WHERE expired_ms < ?', beforeMs);
}
