import { factsOnTheWay } from '../plan/canonicalise.ts';
import type { ResolutionDiff } from '../plan/rehome.ts';
import { type Redirect, type RedirectRow, type Resolution, redirectOf, redirectRow } from '../plan/resolution.ts';
import type { ResolvedPost } from '../plan/rows.ts';
import { forRows, type Run } from './client.ts';

/** What the decisions say about what posts say: enough to make these posts canonical. */
export async function readResolution(run: Run, posts: readonly ResolvedPost[]): Promise<Resolution> {
  const entities = [...new Set(posts.flatMap((post) => post.entities.map(({ id }) => id)))];
  const redirects = await readRedirects(run, entities);
  const evidence = posts.flatMap((post) => post.evidence);
  const ids = [...new Set(evidence.flatMap((row) => factsOnTheWay(row, { redirects })))];
  if (ids.length === 0) return { redirects, rejected: new Map() };
  const rejected = await run<{ id: string }>(
    'UNWIND $ids AS id MATCH (r:Rejected {factId: id}) RETURN r.factId AS id',
    { ids },
  );
  return { redirects, rejected: new Map(rejected.map(({ id }) => [id, NO_ENDS])) };
}

/** Only the log knows the ends. */
const NO_ENDS = { headId: '', tailId: '' };

/** Changes what is stored of the resolution. */
export async function writeResolution(run: Run, { redirects, rejected }: ResolutionDiff): Promise<void> {
  await run('UNWIND $ids AS id MATCH (r:Redirect {surfaceId: id}) DELETE r', { ids: redirects.gone });
  await forRows(
    run,
    'UNWIND $rows AS row MERGE (r:Redirect {surfaceId: row.surfaceId}) SET r = row',
    redirects.put.map(redirectRow),
  );
  await run('UNWIND $ids AS id MATCH (r:Rejected {factId: id}) DELETE r', { ids: rejected.gone });
  await run('UNWIND $ids AS id MERGE (r:Rejected {factId: id})', { ids: rejected.put });
}

/** Redirects of those entities that have one, by their ids. */
export async function readRedirects(run: Run, ids: readonly string[]): Promise<ReadonlyMap<string, Redirect>> {
  if (ids.length === 0) return new Map();
  const rows = await run<{ row: RedirectRow }>(
    'UNWIND $ids AS id MATCH (r:Redirect {surfaceId: id}) RETURN properties(r) AS row',
    { ids },
  );
  return new Map(rows.map(({ row }) => [row.surfaceId, redirectOf(row)]));
}
