import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Decision } from '../../src/domain/decision.ts';
import { parseAliases } from '../../src/graph/aliases/alias-file.ts';
import { type AppliedAliases, applyAliases } from '../../src/graph/aliases/apply-aliases.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { inForce } from '../../src/graph/plan/resolution.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { decisionsOf } from '../helpers/graph-acts.ts';
import type { TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';
import { HOSTILE_TEXTS } from '../helpers/hostile-texts.ts';

describe.each(graphAdapters())('a file of aliases on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;

  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (lines: readonly string[], options: { removeMissing?: boolean; dryRun?: boolean } = {}) => {
    const rows = parseAliases(['alias,canonical,type,external_id', ...lines].join('\n'), 'names.csv');
    return applyAliases(graph, rows, { removeMissing: false, dryRun: false, ...options });
  };
  const counts = ({ decided, removed, known, overruled, refused }: AppliedAliases) => ({
    decided,
    removed,
    known,
    overruled: overruled.map(({ why }) => why),
    refused,
  });
  const none = { decided: 0, removed: 0, known: 0, overruled: [], refused: [] };
  const org = (name: string) => entityKeyOf('ORG', name);
  const post = (id: string, name: string) =>
    graph.store.replacePosts([extractionOf({ id, mentions: [[name, 'ORG']] })]);
  const nameOf = async (name: string) => (await graph.reader.entitiesNamed([org(name).normName]))[0]?.normName;
  const standing = async (): Promise<readonly Decision[]> => inForce(await decisionsOf(graph.reader));

  const IBM = [
    'IBM,International Business Machines,ORG,wikidata:Q37156',
    'Big Blue,International Business Machines,ORG,',
  ];

  test('merges what is there and what comes later; again changes nothing', async () => {
    await post('1', 'IBM');
    expect(await apply(IBM)).toMatchObject({ decided: 3, posts: 1, known: 0 });
    await post('2', 'Big Blue');
    const found = await graph.reader.entitiesNamed([org('ibm').normName]);
    expect(found).toMatchObject([{ normName: 'international business machines', mentionCount: 2 }]);
    expect(counts(await apply(IBM))).toEqual({ ...none, known: 2 });
    expect(await decisionsOf(graph.reader)).toHaveLength(3);
  });

  test('only counts when it is told to', async () => {
    expect(await apply(IBM, { dryRun: true })).toMatchObject({ decided: 3, posts: 0 });
    expect(await decisionsOf(graph.reader)).toEqual([]);
  });

  test('what the file no longer says goes when it is told to, and can come back', async () => {
    await post('1', 'IBM');
    await apply(IBM);
    expect(counts(await apply([IBM[1] as string]))).toMatchObject({ removed: 0 });
    expect(counts(await apply([IBM[1] as string], { removeMissing: true }))).toEqual({ ...none, removed: 2, known: 1 });
    expect(await nameOf('ibm')).toBe('ibm');
    expect(counts(await apply(IBM))).toEqual({ ...none, decided: 2, known: 1 });
    expect(await nameOf('ibm')).toBe('international business machines');
    expect(counts(await apply([], { removeMissing: true }))).toEqual({ ...none, removed: 3 });
    expect(await standing()).toSatisfy((log: readonly Decision[]) => log.every(({ kind }) => kind === 'undo'));
  });

  test("a person's word outranks it: undone, split, kept apart, merged elsewhere", async () => {
    const lines = ['a1,A,ORG,', 'b1,B,ORG,', 'c1,C,ORG,', 'd1,D,ORG,'];
    await graph.store.decide({ kind: 'distinct', a: org('c1'), b: org('C') }, { id: 'dec_apart' });
    await graph.store.decide({ kind: 'merge', from: org('d1'), into: org('elsewhere') }, { id: 'dec_else' });
    expect(counts(await apply(lines))).toMatchObject({
      decided: 2,
      overruled: [expect.stringContaining('dec_apart'), expect.stringContaining('elsewhere')],
    });
    const merge = (await standing()).find((one) => one.kind === 'merge' && one.from.id === org('a1').id);
    await graph.store.decide({ kind: 'undo', decisionId: merge?.id ?? '' }, { id: 'dec_undo' });
    await graph.store.decide({ kind: 'split', entity: org('b1') }, { id: 'dec_split' });
    const again = await apply(lines);
    expect(again.decided).toBe(0);
    expect(again.overruled.map(({ row, why }) => `${row.line} ${why}`)).toEqual([
      '2 dec_undo took it back',
      '3 dec_split split it off',
      '4 dec_apart keeps the two apart',
      '5 it is part of elsewhere (ORG) already',
    ]);
  });

  test('an alias follows its entity into what that was merged into, whatever the order of the rows', async () => {
    await graph.store.decide({ kind: 'merge', from: org('Twitter'), into: org('X') }, {});
    const lines = ['X,X Corp,ORG,', 'TWTR,Twitter,ORG,'];
    expect(counts(await apply(lines))).toMatchObject({ decided: 2, refused: [] });
    await post('1', 'twtr');
    expect(await nameOf('twtr')).toBe('x corp');
    expect(counts(await apply(lines))).toEqual({ ...none, known: 2 });
  });

  test('hostile names are only names', async () => {
    const quoted = HOSTILE_TEXTS.map((text, index) => `"${text.replaceAll('"', '""')}",Canon ${index},ORG,`);
    expect(counts(await apply(quoted))).toEqual({ ...none, decided: HOSTILE_TEXTS.length });
    await graph.store.replacePosts(
      HOSTILE_TEXTS.map((name, id) => extractionOf({ id: `${id}`, mentions: [[name, 'ORG']] })),
    );
    const found = await Promise.all(HOSTILE_TEXTS.map((name) => nameOf(name)));
    expect(found).toEqual(HOSTILE_TEXTS.map((_, index) => `canon ${index}`));
    expect(counts(await apply([], { removeMissing: true }))).toMatchObject({ removed: HOSTILE_TEXTS.length });
    expect(await graph.reader.stats()).toMatchObject({ posts: HOSTILE_TEXTS.length, entities: HOSTILE_TEXTS.length });
  });
});
