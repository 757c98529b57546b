import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Connection } from '../../src/graph/sqlite/connection.ts';
import { rewriteFile } from '../../src/graph/sqlite/rewrite-file.ts';

const ROWS = 6000;

test('a file that is written anew holds nothing of deleted rows, which zeroing them does not achieve', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'grapevine-rewrite-'));
  try {
    const path = join(folder, 'graph.db');
    using connection = new Connection({ path, busyTimeoutMs: 100 });
    fill(connection);
    connection.transaction(() => {
      connection.run("DELETE FROM kept WHERE text LIKE '%secret%'");
      connection.run("DELETE FROM word WHERE text LIKE '%secret%'");
    });
    connection.all('PRAGMA wal_checkpoint(TRUNCATE)');
    expect(await readFile(path, 'latin1')).toContain('secret');
    rewriteFile(connection);
    for (const file of [path, `${path}-wal`]) expect(await readFile(file, 'latin1')).not.toContain('secret');
    expect(connection.first<{ count: number }>('SELECT count(*) AS count FROM kept')?.count).toBeGreaterThan(ROWS / 2);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

/** Rows of many lengths in no order, some of them changed, so that pages are split and balanced. */
function fill(connection: Connection): void {
  const random = randoms(7);
  connection.script(`PRAGMA journal_mode = WAL; CREATE TABLE kept (id TEXT PRIMARY KEY, text TEXT);
    CREATE INDEX kept_text ON kept (text); CREATE TABLE word (text TEXT, n TEXT, PRIMARY KEY (text, n)) WITHOUT ROWID`);
  connection.transaction(() => {
    for (let row = 0; row < ROWS; row++) {
      const word = random() < 0.3 ? 'secret' : 'other';
      const text = `${word}${Math.floor(random() * 1e9)} `.repeat(1 + Math.floor(random() ** 3 * 100));
      connection.run('INSERT INTO kept VALUES (?, ?)', `${Math.floor(random() * 1e9)}-${row}`, text);
      connection.run('INSERT OR IGNORE INTO word VALUES (?, ?)', text.slice(0, 200), `${row}`);
      if (random() > 0.2) continue;
      const sql = 'UPDATE kept SET text = ? WHERE id = (SELECT max(id) FROM kept WHERE id < ?)';
      connection.run(sql, `${word} ${'y'.repeat(random() * 900)}`, `${Math.floor(random() * 1e9)}`);
    }
  });
}

function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}
