import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sqliteGraph } from '../../src/graph/sqlite/sqlite-graph.ts';
import { runCli } from '../helpers/cli.ts';
import { relayAll } from '../helpers/graph-adapters.ts';
import { deletionOf, memberPost } from '../helpers/graph-extractions.ts';

const DAY_MS = 86_400_000;
const RULES = `
rules:
  - name: Confirmed
    when: fact.threshold
    filter: {filters: [{key: head.name, operator: eq, values: [Ada Lind]}, {key: sourceCount, operator: gte, values: [2]}]}
  - {name: Gone, when: fact.retracted, filter: {filters: [{key: sourceCount, operator: gte, values: [1]}]}}
`;

describe('grapevine alerts test', () => {
  let folder: string;
  let env: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'grapevine-alerts-'));
    const path = join(folder, 'graph.db');
    const rules = join(folder, 'rules.yaml');
    await writeFile(rules, RULES);
    env = { GRAPH_URL: `sqlite:${path}`, ALERT_RULES: rules };
    const clock = { nowMs: Date.now() - 3 * DAY_MS };
    const { store, reader } = await sqliteGraph({ path, clock: () => clock.nowMs });
    const say = (id: string, person: string) => memberPost({ id, author: id, person });
    await store.replacePosts([say('1', 'Bo Strand'), deletionOf('1', '1')]);
    clock.nowMs = Date.now();
    await store.replacePosts([say('2', 'Ada Lind'), say('3', 'Ada Lind'), say('4', 'Ada Lind')]);
    await relayAll(store);
    await Promise.all([store[Symbol.asyncDispose](), reader[Symbol.asyncDispose]()]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const linesOf = (stdout: string) =>
    stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('prints what would have fired, and why near misses would not', async () => {
    const { code, stdout } = await runCli(['alerts', 'test', 'Confirmed', '--last', '24h', '--json'], { env });
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([
      { fires: false, kind: 'fact.created', why: ['sourceCount is 1, not gte 2'] },
      { fires: true, kind: 'fact.strengthened', why: [], fact: { sourceCount: 2, head: { name: 'Ada Lind' } } },
      { fires: false, kind: 'fact.strengthened', why: ['the filter held before this event, so no gate was crossed'] },
    ]);
    const text = await runCli(['alerts', 'test', 'Confirmed', '--last', '24h'], { env });
    expect(text.stdout).toMatch(
      /^ALERT {2}\S+ {2}fact.strengthened {2}Ada Lind —\/per\/org\/member_of→ Harbour Robotics$/m,
    );
    expect(text.stderr).toBe('1 alerts, 2 near misses in 3 events\n');
  });

  test('looks back as far as it is told', async () => {
    const gone = (last: string) => runCli(['alerts', 'test', 'Gone', '--last', last, '--json'], { env });
    expect((await gone('24h')).stdout).toBe('');
    expect(linesOf((await gone('7d')).stdout)).toMatchObject([{ fires: true, fact: { head: { name: 'Bo Strand' } } }]);
  });

  test('refuses a rule that there is not, and rules that are wrong', async () => {
    const none = await runCli(['alerts', 'test', 'Other', '--last', '1h'], { env });
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringContaining('has no rule "Other"; it has "Confirmed", "Gone"'),
    ]);
    const file = join(folder, 'wrong.yaml');
    await writeFile(file, 'rules:\n  - {name: x, when: later}\n');
    const wrong = await runCli(['alerts', 'test', 'x', '--last', '1h', '--alert-rules', file], { env });
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('line 2, column 21: rules.0.when')]);
  });
});
