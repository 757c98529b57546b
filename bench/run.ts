// npm run bench -- FILE: ingests a file of posts into a fresh SQLite graph in a process of its own and says how fast
// that was, what memory it took and how late the main thread was. Without FILE, the demo's posts, many times over.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist', 'cli.js');
if (!existsSync(cli)) execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs')], { stdio: 'inherit' });

const folder = mkdtempSync(join(tmpdir(), 'grapevine-bench-'));
try {
  const file = process.argv[2] ?? manyDemoPosts(20);
  const database = `sqlite:${join(folder, 'bench.db')}`;
  const output = execFileSync(process.execPath, [cli, 'ingest', file, '--graph', database, '--json', '--resources'], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), node: process.version };
  process.stdout.write(`${JSON.stringify({ machine, ...(JSON.parse(output) as object) }, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function manyDemoPosts(rounds: number): string {
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
