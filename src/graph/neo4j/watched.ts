import { forRows, integer, type Neo4jClient, type Run } from './client.ts';

/** See `AlertStore.watch`. */
export async function watch(client: Neo4jClient, keys: readonly string[], nowMs: number): Promise<void> {
  const wanted = [...new Set(keys)].sort();
  const stored = await client.read<{ key: string }>('MATCH (w:Watched) RETURN w.key AS key ORDER BY key');
  // Whoever decides says so at every start: what is the same costs no write.
  if (stored.map(({ key }) => key).join('\n') === wanted.join('\n')) return;
  await client.write(async (run) => {
    await run("MERGE (s:Sequence {name: 'watched'}) SET s.lock = true");
    await run('MATCH (w:Watched) WHERE NOT w.key IN $wanted DELETE w', { wanted });
    const rows = wanted.map((key) => ({ key, nowMs: integer(nowMs) }));
    await forRows(
      run,
      'UNWIND $rows AS row MERGE (w:Watched {key: row.key}) ON CREATE SET w.sinceMs = row.nowMs',
      rows,
    );
  });
}

/** False where no entity is watched: most writers need not look further. */
export async function isWatching(run: Run): Promise<boolean> {
  return (await run("MATCH (w:Watched) WHERE w.key > '' RETURN 1 AS found LIMIT 1")).length > 0;
}

/** Those of the keys that are watched, with since when; what an earlier Grapevine noted counts as watched always. */
export async function readWatched(run: Run, keys: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const rows = await run<{ key: string; sinceMs: number }>(
    'UNWIND $keys AS key MATCH (w:Watched {key: key}) RETURN key, coalesce(w.sinceMs, 0) AS sinceMs',
    { keys },
  );
  return new Map(rows.map(({ key, sinceMs }) => [key, sinceMs]));
}
