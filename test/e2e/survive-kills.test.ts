import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runCli } from '../helpers/cli.ts';
import { temporaryFolder } from '../helpers/folder.ts';
import { surviveKills } from '../oracle/survive-kills.ts';

const DEMO = fileURLToPath(new URL('../../examples/demo', import.meta.url));
const brokers = process.env['KAFKA_BROKERS'];

/** The demo's posts several times over: other ids, authors and wording, the same world. */
function manyPosts(rounds: number): string[] {
  const lines = readFileSync(join(DEMO, 'posts.jsonl'), 'utf8').trim().split('\n');
  return Array.from({ length: rounds }, (_, round) =>
    lines.map((line) => {
      const post = JSON.parse(line) as Record<string, unknown> & { id: string; author?: { id: string }; text?: string };
      const author = post.author && { ...post.author, id: `${post.author.id}-${round}` };
      return JSON.stringify({
        ...post,
        id: `${round}-${post.id}`,
        author,
        text: post.text && `${post.text} (${round})`,
      });
    }),
  ).flat();
}

test.skipIf(!brokers)(
  'killing the consumer again and again loses nothing and doubles nothing',
  { timeout: 600_000 },
  async () => {
    const folder = await temporaryFolder();
    const lines = manyPosts(5);
    const embedded = { GRAPH_URL: `sqlite:${join(folder, 'embedded.db')}` };
    const ingested = await runCli(['ingest', '-', '--image-root', DEMO, '--json'], {
      env: embedded,
      input: lines.join('\n'),
    });
    const { facts } = JSON.parse(ingested.stdout) as { facts: number };
    const expected = (await runCli(['graph', 'digest'], { env: embedded })).stdout.trim();

    const report = await surviveKills({
      brokers: brokers as string,
      graph: { GRAPH_URL: `sqlite:${join(folder, 'streamed.db')}` },
      lines,
      imageRoot: DEMO,
      kills: 3,
      settings: { WINDOW_RECORDS: '12', UPSERT_WINDOW_RECORDS: '12', UPSERT_BATCH: '5' },
    });
    expect(report.digest).toBe(expected);
    expect(report.kills).toBe(3);
    // Every kill came while there was work left.
    expect(report.committedAtKills.at(-1)).toBeLessThan(2 * lines.length);
    expect(report.extractions).toBeGreaterThanOrEqual(lines.length);
    expect(report.liveByEvents).toBe(facts);
  },
);
