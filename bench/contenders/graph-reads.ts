import type { Entity } from '../../src/domain/graph.ts';
import type { GraphReader } from '../../src/graph/graph-reader.ts';
import type * as SuggestModule from '../../src/graph/suggest/suggest-merges.ts';
import { built } from '../harness/built.ts';
import { entityOf } from '../harness/extractions.ts';
import { quantile } from '../harness/statistics.ts';

const REPEATS = 200;
const PAGE = 50;

/** p99 of what the API's queries ask, milliseconds; each repeat asks for another entity, those that are named most. */
export async function timeReads(reader: GraphReader): Promise<Readonly<Record<string, number>>> {
  const { suggestMerges } = await built<typeof SuggestModule>('graph/suggest/suggest-merges.ts');
  const entities = await findEntities(reader);
  const page = { first: PAGE };
  const of = (index: number) => entities[index % entities.length] as Entity;
  const [fact] = (await reader.facts({ entityId: of(0).id }, { first: 1 })).items;
  const questions: Record<string, (index: number) => Promise<unknown>> = {
    'an entity by name': (index) => reader.entityByName(entityOf(index).name),
    'entities by words': (index) => reader.entities({ search: of(index).name.slice(0, 6) }, page),
    'entities in order': () => reader.entities({}, page),
    'the newest facts': () => reader.facts({}, page),
    'the newest facts of a type': () => reader.facts({ type: fact?.node.type ?? '' }, page),
    'sure facts of an entity': (index) => reader.facts({ entityId: of(index).id, minConfidence: 0.9 }, page),
    'facts of an entity': (index) => reader.facts({ entityId: of(index).id }, page),
    'their number': (index) => reader.countFacts([{ entityId: of(index).id }]),
    'mentions of an entity': (index) => reader.mentionsOfEntity(of(index).id, page),
    'the newest posts': () => reader.posts(page),
    'co-mentions of an entity': (index) => reader.coMentions(of(index).id),
    'suggestions for an entity': (index) => suggestMerges(reader, of(index)),
    'types in use': () => reader.types(),
    'sizes of the graph': () => reader.stats(),
    'the next events': () => reader.eventsAfter(0, 500),
  };
  const times: Record<string, number> = {};
  for (const [what, ask] of Object.entries(questions)) times[what] = await p99(ask);
  return times;
}

async function findEntities(reader: GraphReader): Promise<readonly Entity[]> {
  const found: Entity[] = [];
  for (let rank = 0; rank < REPEATS; rank++) {
    const { name, type } = entityOf(rank);
    const entity = await reader.entityByName(name, type);
    if (entity) found.push(entity);
  }
  return found;
}

async function p99(ask: (index: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < REPEATS; index++) {
    const from = performance.now();
    await ask(index);
    times.push(performance.now() - from);
  }
  return quantile(
    times.toSorted((a, b) => a - b),
    0.99,
  );
}
