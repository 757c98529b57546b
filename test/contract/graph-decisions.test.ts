import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ruling } from '../../src/domain/decision.ts';
import { factId } from '../../src/domain/ids.ts';
import { digest } from '../../src/graph/digest.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { decisionsOf } from '../helpers/graph-acts.ts';
import { relayFacts, type TestDatabase } from '../helpers/graph-adapters.ts';
import { extractionOf, MEMBER_OF, memberPost } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const person = (name: string) => entityKeyOf('PER', name);
const club = entityKeyOf('ORG', 'Harbour Robotics');
const merge = (from: string, into: string): Ruling => ({ kind: 'merge', from: person(from), into: person(into) });
const split = (name: string): Ruling => ({ kind: 'split', entity: person(name) });
const apart = (a: string, b: string): Ruling => ({ kind: 'distinct', a: person(a), b: person(b) });
const undo = (decisionId: string): Ruling => ({ kind: 'undo', decisionId });
const member = (name: string) => factId(person(name).id, MEMBER_OF, club.id);
const reject = (name: string): Ruling => ({
  kind: 'reject',
  headId: person(name).id,
  type: MEMBER_OF,
  tailId: club.id,
});

describe.each(graphAdapters())('decisions on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;

  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const told = async (since: number) =>
    (await relayFacts(graph.store)).slice(since).map(({ kind, fact, movedFrom, remains, decisionId }) => ({
      kind,
      fact: fact.id,
      movedFrom,
      remains,
      decisionId,
    }));
  const refusal = (ruling: Ruling) =>
    graph.store.decide(ruling).then(
      () => 'taken',
      (error: Error & { code?: string }) => `${error.code} ${error.message}`,
    );

  test('two that are not one stay apart through what is merged into either', async () => {
    await graph.store.decide(apart('Ada', 'Cy'), { id: 'd' });
    await graph.store.decide(merge('Ada', 'Bo'), { id: 'm' });
    expect(await refusal(merge('Bo', 'Cy'))).toContain('d says that the two are not one');
    expect(await refusal(merge('Cy', 'Bo'))).toContain('d says that the two are not one');
    await graph.store.decide(split('Ada'), { id: 's' });
    expect(await refusal(merge('Bo', 'Cy'))).toBe('taken');
  });

  test('what says nothing new, or is not possible, is refused and leaves no trace', async () => {
    await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm' });
    await graph.store.decide(apart('Bo', 'Cy'), { id: 'd' });
    await graph.store.decide({ kind: 'identify', entity: club, externalId: 'w:1' });
    await graph.store.decide(reject('Bo'));
    const before = await digest(graph.reader);
    const cases: readonly (readonly [Ruling, string])[] = [
      [merge('Bo', 'Bo'), 'both are the same one'],
      [merge('Ada', 'Bo'), `is part of ${person('Ada Lind').id} already`],
      [merge('Bo', 'Ada'), `is part of ${person('Ada Lind').id} already`],
      [merge('Cy', 'Bo'), 'd says that the two are not one'],
      [split('Bo'), 'is not part of another one'],
      [apart('Ada', 'Ada Lind'), 'the two are one'],
      [apart('Cy', 'Bo'), 'that has been said before'],
      [{ kind: 'identify', entity: club, externalId: 'w:1' }, 'it is w:1 already'],
      [reject('Bo'), 'it has been rejected before'],
      [undo('x'), 'x is no decision'],
    ];
    for (const [ruling, why] of cases) expect(await refusal(ruling)).toMatch(new RegExp(`^USAGE .*${why}`));
    expect(await digest(graph.reader)).toBe(before);
    await graph.store.decide(undo('m'));
    expect(await refusal(undo('m'))).toContain('m is undone already');
  });

  test('an id that was taken before changes nothing, whatever it says now', async () => {
    const first = await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm', reason: 'one person' });
    expect(first).toMatchObject({ isNew: true, decision: { id: 'm', reason: 'one person' } });
    expect(await graph.store.decide(merge('Bo', 'Cy'), { id: 'm' })).toEqual({ ...first, isNew: false, posts: 0 });
    expect(await decisionsOf(graph.reader)).toHaveLength(1);
  });

  test('facts go over with their evidence and come back, told with where they came from', async () => {
    await graph.store.replacePosts([memberPost({ id: '1' }), memberPost({ id: '2', person: 'Ada', author: 'b' })]);
    expect(await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm' })).toMatchObject({ posts: 1 });
    const [one] = await graph.reader.factsById([member('Ada Lind')]);
    expect(one).toMatchObject({ evidenceCount: 2, authorCount: 2 });
    await graph.store.decide(undo('m'), { id: 'u' });
    const [from, to] = [member('Ada'), member('Ada Lind')];
    expect(await told(2)).toEqual([
      { kind: 'fact.moved', fact: to, movedFrom: from, remains: false, decisionId: 'm' },
      { kind: 'fact.moved', fact: from, movedFrom: to, remains: true, decisionId: 'u' },
    ]);
  });

  test('a fact between two that become one is hidden, and comes back with them', async () => {
    const couple = extractionOf({
      id: '1',
      mentions: [
        ['Ada', 'PER'],
        ['Ada Lind', 'PER'],
      ],
      relations: [['/per/per/peer', 0, 1]],
    });
    await graph.store.replacePosts([couple]);
    await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm' });
    expect(await graph.reader.stats()).toMatchObject({ facts: 0, entities: 1, mentions: 2 });
    await graph.store.decide(undo('m'));
    expect(await graph.reader.stats()).toMatchObject({ facts: 1, entities: 2 });
    expect((await told(1)).map(({ kind }) => kind)).toEqual(['fact.retracted', 'fact.created']);
  });

  test('an author is erased from what was merged, too', async () => {
    await graph.store.replacePosts([memberPost({ id: '1' }), memberPost({ id: '2', person: 'Ada', author: 'b' })]);
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await graph.store.eraseAuthor({ platform: 'native', id: 'b' });
    expect((await graph.reader.factsById([member('Ada Lind')]))[0]).toMatchObject({ evidenceCount: 1 });
    await graph.store.eraseAuthor({ platform: 'native', id: 'a' });
    expect(await graph.reader.stats()).toEqual({ posts: 0, entities: 0, facts: 0, mentions: 0 });
  });

  test('many at once come to what they come to one by one, and each event names its own', async () => {
    const posts = ['Ada', 'Bo', 'Cy', 'Ada Lind'].map((name, id) =>
      memberPost({ id: `${id}`, person: name, author: name }),
    );
    const asked = [
      { id: '1', ruling: merge('Ada', 'Ada Lind') },
      { id: '2', ruling: merge('Ada', 'Bo') },
      { id: '3', ruling: merge('Bo', 'Cy') },
      { id: '1', ruling: split('Cy') },
      { id: '4', ruling: undo('3') },
      { id: '5', ruling: reject('Cy') },
    ];
    await graph.store.replacePosts(posts);
    const { outcomes } = await graph.store.decideAll(asked);
    expect(outcomes.map((outcome) => ('refused' in outcome ? 'refused' : outcome.isNew))).toEqual([
      true,
      'refused',
      true,
      false,
      true,
      true,
    ]);
    expect(await told(4)).toEqual([
      { kind: 'fact.moved', fact: member('Ada Lind'), movedFrom: member('Ada'), remains: false, decisionId: '1' },
      // The third was undone in the same call, so that the fact was never anybody else's.
      { kind: 'fact.retracted', fact: member('Cy'), movedFrom: undefined, remains: undefined, decisionId: '3' },
    ]);
    const together = await digest(graph.reader);
    await database.clear();
    await graph.store.replacePosts(posts);
    for (const { id, ruling } of asked) await graph.store.decide(ruling, { id }).catch(() => {});
    expect(await digest(graph.reader)).toBe(together);
  });
});
