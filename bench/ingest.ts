// Ingests a file of posts into a fresh SQLite graph in a process of its own and says how fast that was, what memory it took
// and how late the main thread was. Without a file, the demo's posts, many times over.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');

/** What the command line says about an ingest with `--json --resources`. */
export function benchIngest(file: string | undefined): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
  try {
    const posts = file ?? manyDemoPosts(folder, 20);
    const database = `sqlite:${join(folder, 'bench.db')}`;
    const options = ['ingest', posts, '--graph', database, '--json', '--resources'];
    const output = execFileSync(process.execPath, [cli, ...options], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return JSON.parse(output) as Record<string, unknown>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes the demo's posts many times over, each lap under ids of its own, with their pictures beside them; gives the file. */
export function manyDemoPosts(folder: string, rounds: number): string {
  cpSync(join(root, 'examples/demo/images'), join(folder, 'images'), { recursive: true });
  const lines = readFileSync(join(root, 'examples/demo/posts.jsonl'), 'utf8').trim().split('\n');
  const copies = Array.from({ length: rounds }, (_, round) =>
    lines.map((line) => {
      const post = JSON.parse(line) as { id: string };
      return JSON.stringify({ ...post, id: `${round}-${post.id}` });
    }),
  );
  const file = join(folder, 'posts.jsonl');
  writeFileSync(file, `${copies.flat().join('\n')}\n`);
  return file;
}
