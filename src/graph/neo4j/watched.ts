import { forRows, type Neo4jClient, type Run } from './client.ts';

/** See `AlertStore.watch`. */
export async function watch(client: Neo4jClient, keys: readonly string[]): Promise<void> {
  const wanted = [...new Set(keys)].sort();
  const stored = await client.read<{ key: string }>('MATCH (w:Watched) RETURN w.key AS key ORDER BY key');
  // Whoever decides says so at every start: what is the same costs no write.
  if (stored.map(({ key }) => key).join('\n') === wanted.join('\n')) return;
  await client.write(async (run) => {
    await run("MERGE (s:Sequence {name: 'watched'}) SET s.lock = true");
    await run('MATCH (w:Watched) WHERE NOT w.key IN $wanted DELETE w', { wanted });
    await forRows(run, 'UNWIND $rows AS key MERGE (:Watched {key: key})', wanted);
  });
}

/** False where no entity is watched: most writers need not look further. */
export async function isWatching(run: Run): Promise<boolean> {
  return (await run("MATCH (w:Watched) WHERE w.key > '' RETURN 1 AS found LIMIT 1")).length > 0;
}

/** Those of the keys that are watched. */
export async function readWatched(run: Run, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await run<{ key: string }>('UNWIND $keys AS key MATCH (w:Watched {key: key}) RETURN key', { keys });
  return new Set(rows.map(({ key }) => key));
}
