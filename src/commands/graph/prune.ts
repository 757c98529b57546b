import type { Command } from 'commander';
import type { GraphReader } from '../../graph/graph-reader.ts';
import type { PictureStore } from '../../graph/picture-store.ts';
import { openGraph, openPictures } from '../../main.ts';
import { configOf, exitingWith, type SettingOptions, withGraphOption, withJsonOption } from '../support/command.ts';
import { formatCount, printLine, tell } from '../support/output.ts';
import { listenForShutdown } from '../support/shutdown.ts';
import { parseTime } from '../support/time.ts';

interface PruneOptions extends SettingOptions {
  readonly olderThan: number;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Posts looked at in one transaction, and looked at between two lines of progress. */
const POSTS_PER_CALL = 500;
const POSTS_PER_LINE = 100_000;

const MORE = `
Facts that only such posts support are retracted, with events; copies of pictures that no other post has go from
PICTURE_STORE. Deletions are remembered for ever. Posts whose records come again come back: prune no later than the
topics forget.

Examples:
  $ grapevine graph prune --older-than 90d --dry-run
  $ grapevine graph prune --older-than 2026-01-01 --graph sqlite:news.db`;

/** Adds `grapevine graph prune`. */
export function addGraphPrune(graph: Command): void {
  const command = graph
    .command('prune')
    .description('remove old posts with what only they supported')
    .requiredOption('--older-than <time>', 'published before: an age such as 24h or 90d, or a date', parseTime)
    .option('--dry-run', 'only say how many')
    .addHelpText('after', MORE)
    .action(exitingWith(prune));
  withJsonOption(withGraphOption(command));
}

async function prune({ olderThan: beforeMs, dryRun = false, json, ...options }: PruneOptions): Promise<number> {
  const config = configOf(options);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  await using graph = await openGraph(config, { mustExist: true });
  const before = await graph.reader.stats();
  const pictures = new Set<string>();
  let [posts, looked] = [0, 0];
  let after: string | undefined = '';
  while (after !== undefined && !shutdown.signal.aborted) {
    const part = await graph.store.prune({ beforeMs, after, limit: POSTS_PER_CALL, dryRun });
    posts += part.posts;
    looked += POSTS_PER_CALL;
    after = part.next;
    for (const picture of part.pictures) pictures.add(picture);
    if (!json && looked % POSTS_PER_LINE === 0)
      tell(`${formatCount(looked)} posts looked at, ${formatCount(posts)} old`);
  }
  await using store = await openPictures(config);
  const gone = { facts: before.facts - (await graph.reader.stats()).facts, pictures: 0 };
  if (store && pictures.size > 0) gone.pictures = await removePictures(pictures, graph.reader, store);
  if (json) await printLine(JSON.stringify({ dryRun, posts, ...gone }));
  else if (dryRun) tell(`${formatCount(posts)} posts would go`);
  else
    tell(
      `${formatCount(posts)} posts, ${formatCount(gone.facts)} facts and ${formatCount(gone.pictures)} pictures went`,
    );
  return shutdown.exitCode() ?? 0;
}

/** Removes the copies that no post has any more and tells how many. */
async function removePictures(pictures: Set<string>, reader: GraphReader, store: PictureStore): Promise<number> {
  for await (const { post } of reader.scan('contents')) {
    for (const { sha256 = '' } of post.images) pictures.delete(sha256);
  }
  for (const picture of pictures) await store.delete(picture);
  return pictures.size;
}
