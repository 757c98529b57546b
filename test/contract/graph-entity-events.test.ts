import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ruling } from '../../src/domain/decision.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import { eventKey, postNodeId } from '../../src/domain/ids.ts';
import type { OpenGraph } from '../../src/graph/open-graph.ts';
import { watchedId, watchedName, watchedPairs } from '../../src/graph/plan/watched.ts';
import { entityKeyOf } from '../../src/graph/resolve/entity-key.ts';
import { relayAll, type TestDatabase } from '../helpers/graph-adapters.ts';
import { deletionOf, extractionOf, memberPost, postEvent } from '../helpers/graph-extractions.ts';
import { graphAdapters } from '../helpers/graph-servers.ts';

const person = (name: string) => entityKeyOf('PER', name);
const merge = (from: string, into: string): Ruling => ({ kind: 'merge', from: person(from), into: person(into) });
/** A post that mentions people and says nothing of them. */
const naming = (id: string, ...names: readonly string[]): Extraction =>
  extractionOf({ id, author: id, mentions: names.map((name) => [name, 'PER'] as const), relations: [] });

describe.each(graphAdapters())('what is told of entities on $name', (adapter) => {
  let database: TestDatabase;
  let graph: OpenGraph;
  beforeAll(async () => {
    database = await adapter.database({ nowMs: 1000 });
    graph = await database.open();
  });
  beforeEach(() => database.clear());
  afterAll(() => database[Symbol.asyncDispose]());

  const apply = (...records: readonly Extraction[]) => graph.store.replacePosts(records);
  const told = async () =>
    (await relayAll(graph.store)).map((event) =>
      'fact' in event
        ? event.kind
        : [event.kind, event.entity.name, ...(event.other ? [event.other.name] : [])].join(' '),
    );

  test('one that a post is the first to mention comes before the facts of that post', async () => {
    await apply(memberPost({ id: '1' }), memberPost({ id: '2', author: 'b', person: 'Bo Dahl' }));
    const events = await relayAll(graph.store);
    const lines = events.map((event) => ('fact' in event ? event.kind : `${event.kind} ${event.entity.name}`));
    expect([lines.slice(0, 2).sort(), lines.slice(2)]).toEqual([
      ['entity.created Ada Lind', 'entity.created Harbour Robotics'],
      ['fact.created', 'entity.created Bo Dahl', 'fact.created'],
    ]);
    const post = postNodeId('native', '2');
    const { id } = person('Bo Dahl');
    expect(events[3]).toEqual({
      key: eventKey('entity.created', id, post, '0'),
      kind: 'entity.created',
      position: 4,
      entity: { id, name: 'Bo Dahl', type: 'PER' },
      seenMs: Date.parse('2026-01-01T00:00:00Z'),
      postId: post,
      postVersion: '0',
      atMs: 1000,
    });
  });

  test('one that was gone is told of again, in a batch as one by one, and a replay tells nothing', async () => {
    const first = [naming('1', 'Ada'), postEvent('1', 'post.dropped', '2026-01-02T12:00:00Z')];
    const again = [naming('2', 'Ada'), deletionOf('2', '0'), naming('3', 'ADA'), naming('4', 'Ada'), deletionOf('3')];
    for (const record of [...first, ...again]) await apply(record);
    const alone = await told();
    expect(alone).toEqual(['entity.created Ada', 'entity.created Ada', 'entity.created ADA']);
    await apply(...first, ...again);
    await apply(...again, ...first);
    expect(await told()).toEqual([]);
    await database.clear();
    await apply(...first, ...again);
    expect((await told()).length).toBe(alone.length);
  });

  test('an edit that goes on naming one tells nothing, and neither does the loss of one', async () => {
    await apply(naming('1', 'Ada', 'Bo'));
    await relayAll(graph.store);
    await apply({ ...naming('1', 'ADA'), post: { ...naming('1', 'ADA').post, version: '1' } as Extraction['post'] });
    await apply(deletionOf('1'));
    expect(await told()).toEqual([]);
  });

  test('one that is merged, and one that stands for itself again, are told of with the other one', async () => {
    await apply(naming('1', 'Ada'), naming('2', 'Ada Lind'));
    await relayAll(graph.store);
    await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm' });
    await graph.store.decide({ kind: 'undo', decisionId: 'm' }, { id: 'u' });
    await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm2' });
    await graph.store.decide({ kind: 'split', entity: person('Ada') }, { id: 's' });
    const events = await relayAll(graph.store);
    const [ada, lind] = [person('Ada').id, person('Ada Lind').id];
    const one = { entity: { id: ada, name: 'Ada', type: 'PER' }, other: { id: lind, name: 'Ada Lind', type: 'PER' } };
    expect(events).toMatchObject([
      { kind: 'entity.merged', ...one, decisionId: 'm', postId: '', key: eventKey('entity.merged', ada, lind, 'm') },
      { kind: 'entity.split', ...one, decisionId: 'u' },
      { kind: 'entity.merged', ...one, decisionId: 'm2' },
      { kind: 'entity.split', ...one, decisionId: 's' },
    ]);
    await graph.store.decide(merge('Ada', 'Ada Lind'), { id: 'm' });
    expect(await told()).toEqual([]);
  });

  test('one that becomes part of another which no post mentions is told of under that name', async () => {
    await apply(naming('1', 'Ada'));
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await apply(naming('2', 'Ada Lind'));
    expect(await told()).toEqual(['entity.created Ada', 'entity.merged Ada Ada']);
  });

  test('decisions about what no post mentions tell nothing; a post then brings what they made of it', async () => {
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await apply(naming('1', 'Ada'));
    expect(await told()).toEqual(['entity.created Ada']);
    expect((await graph.reader.entitiesById([person('Ada').id]))[0]?.id).toBe(person('Ada Lind').id);
  });

  test('what goes along with one that is merged is told of once', async () => {
    await apply(naming('1', 'Ada'), naming('2', 'Ada Lind'), naming('3', 'Countess'));
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await graph.store.decide(merge('Ada Lind', 'Countess'), { id: 'm' });
    await graph.store.decide({ kind: 'undo', decisionId: 'm' });
    expect((await told()).slice(3)).toEqual([
      'entity.merged Ada Ada Lind',
      // Of two names that are as frequent the first counts.
      'entity.merged Ada Countess',
      'entity.split Ada Countess',
    ]);
  });

  test('posts that come to mention an entity are told only of those that are watched, each once', async () => {
    await apply(naming('1', 'Ada'));
    await graph.alerts.watch([watchedName('ada'), watchedId(person('Bo').id)], 100);
    await graph.alerts.watch([watchedName('ADA'), watchedId(person('Bo').id)], 200);
    await apply(naming('2', 'Ada', 'Ada', 'Cy'), naming('3', 'Bo'), naming('4', 'Cy'));
    const edited = { ...naming('2', 'ADA', 'Bo'), post: { ...naming('2', 'ADA', 'Bo').post, version: '1' } };
    await apply(edited as Extraction);
    await apply(
      postEvent('3', 'post.dropped', '2026-01-02T12:00:00Z'),
      postEvent('3', 'post.undropped', '2026-01-03T12:00:00Z'),
    );
    const events = await relayAll(graph.store);
    const post = (id: string) => postNodeId('native', id);
    const mentions = events.flatMap((event) =>
      event.kind === 'entity.mentioned' && 'entity' in event ? [[event.entity.name, event.postId]] : [],
    );
    expect(mentions).toEqual([
      ['Ada', post('2')],
      ['Bo', post('3')],
      ['Bo', post('2')],
      ['Bo', post('3')],
    ]);
    expect(events.map(({ kind }) => kind).slice(0, 5)).toEqual([
      'entity.created',
      'entity.created',
      'entity.mentioned',
      'entity.created',
      'entity.mentioned',
    ]);
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
    // The second call named nobody new.
    expect(events.flatMap((event) => ('entity' in event ? (event.watchedMs ?? []) : []))).toEqual([100, 100, 100, 100]);
    await apply(naming('2', 'Ada', 'Ada', 'Cy'), edited as Extraction, naming('3', 'Bo'));
    expect(await told()).toEqual([]);
    await graph.alerts.watch([], 300);
    await apply(naming('5', 'Ada'));
    expect(await told()).toEqual([]);
  });

  test('posts that come to mention a pair are told where one of the two is watched for its pairs', async () => {
    const [ada, bo, cy] = ['Ada', 'Bo', 'Cy'].map((name) => person(name).id) as [string, string, string];
    await graph.alerts.watch([watchedPairs(watchedName('ada')), watchedId(cy)], 100);
    await graph.alerts.watch([watchedPairs(watchedName('ADA')), watchedId(cy), watchedPairs(watchedId(bo))], 200);
    await apply(naming('1', 'Bo', 'Ada', 'Cy', 'Ada'), naming('2', 'Ada'), naming('3', 'Cy', 'Di'));
    const edited = { ...naming('1', 'Cy', 'Ada', 'Di'), post: { ...naming('1', 'Ada').post, version: '1' } };
    await apply({ ...edited, post: { ...edited.post, text: 'Cy, Ada, Di' } } as Extraction);
    const events = await relayAll(graph.store);
    const pairs = events.flatMap((event) => (event.kind === 'pair.mentioned' && 'entity' in event ? [event] : []));
    const lineOf = ({ entity, other, watchedMs }: (typeof pairs)[number]) =>
      `${[entity.name, other?.name].sort().join(' ')} ${watchedMs}`;
    expect(pairs.slice(0, 3).map(lineOf).sort()).toEqual(['Ada Bo 100', 'Ada Cy 100', 'Bo Cy 200']);
    expect(pairs.slice(3).map(lineOf)).toEqual(['Ada Di 100']);
    for (const { entity, other } of pairs) expect(entity.id < (other?.id ?? '')).toBe(true);
    const [one = '', other = ''] = [ada, bo].sort();
    const post = postNodeId('native', '1');
    expect(pairs.map(({ key }) => key)).toContain(eventKey('pair.mentioned', `${one} ${other}`, post, '0'));
    expect(pairs[0]).toMatchObject({ postId: post, seenMs: Date.parse('2026-01-01T00:00:00Z') });
    await apply(naming('1', 'Bo', 'Ada', 'Cy', 'Ada'), naming('2', 'Ada'));
    expect(await told()).toEqual([]);
    await graph.store.eraseAuthor({ platform: 'native', id: '1' });
    const names = (await graph.reader.eventsAfter(0, 20)).flatMap((event) =>
      event.kind === 'pair.mentioned' && 'entity' in event ? [event.entity.name, event.other?.name] : [],
    );
    expect(names).not.toContain('Bo');
  });

  test('of a post that lists many the first eight make pairs', async () => {
    const people = ['Ad', 'Bo', 'Cy', 'Di', 'Ed', 'Fa', 'Gus', 'Hal', 'Ida', 'Jon'];
    await graph.alerts.watch(
      people.map((name) => watchedPairs(watchedName(name))),
      100,
    );
    await apply(naming('1', ...people));
    const events = (await relayAll(graph.store)).filter(({ kind }) => kind === 'pair.mentioned');
    expect(events.length).toBe((8 * 7) / 2);
    const named = new Set(events.flatMap((event) => ('entity' in event ? [event.entity.name, event.other?.name] : [])));
    expect([...named].sort()).toEqual(people.slice(0, 8));
  });

  test('one that is watched by a name is told of under what it was merged into, where that is shown by the name', async () => {
    await graph.alerts.watch([watchedName('Ada Lind')], 300);
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await apply(naming('1', 'Ada Lind'), naming('2', 'Ada Lind'));
    await relayAll(graph.store);
    await apply(naming('3', 'Ada'));
    expect(await told()).toEqual(['entity.mentioned Ada Lind']);
  });

  test('names of an erased author go out of the events', async () => {
    await apply(naming('1', 'Ada'), naming('2', 'Ada Lind'));
    await graph.store.decide(merge('Ada', 'Ada Lind'));
    await relayAll(graph.store);
    await graph.store.eraseAuthor({ platform: 'native', id: '1' });
    const names = (await graph.reader.eventsAfter(0, 10)).map((event) =>
      'entity' in event ? [event.entity.name, event.other?.name] : [],
    );
    expect(names).toEqual([
      ['', undefined],
      ['Ada Lind', undefined],
      ['', 'Ada Lind'],
    ]);
  });
});
