import { readFileSync } from 'node:fs';
import { readEntity, readFact } from '../../web/src/data/details.ts';
import { readLinkCounts, readPath, readTrending, searchEntities } from '../../web/src/data/find.ts';
import { readNewestLinks, readNewestPosts, readOverview } from '../../web/src/data/graph.ts';
import { entityOf } from './extractions.ts';
import { Random } from './random.ts';

/** Something that is asked of the API, with the bodies of requests that ask it, each about something else. */
export interface Asked {
  readonly what: string;
  /** How many of every 20 requests ask this. */
  readonly share: number;
  readonly bodies: readonly string[];
}

/** Things that are asked about: so many of the entities that are named most. */
const SAMPLE = 120;
const AMONG = 2_000;
/** Nobody turns away meanwhile. */
const { signal } = new AbortController();

/**
 * The page's usual requests, taken from the page itself while it reads from a running API, and the documented query for
 * a part of the graph, which other explorers draw.
 */
export async function pageRequests(url: string): Promise<readonly Asked[]> {
  const bodies: string[] = [];
  const send = globalThis.fetch;
  // What the page finds in its tab.
  const tab = { location: { origin: url }, sessionStorage: { getItem: () => null } };
  for (const [name, value] of Object.entries(tab)) {
    Object.defineProperty(globalThis, name, { configurable: true, value });
  }
  globalThis.fetch = (path, init) => {
    bodies.push(String(init?.body));
    return send(new URL(String(path), url), init);
  };
  try {
    return await record(await sampleIds(`${url}/graphql`, send), bodies);
  } finally {
    globalThis.fetch = send;
  }
}

async function record(ids: readonly string[], bodies: string[]): Promise<readonly Asked[]> {
  const taken = async (work: () => Promise<unknown>) => {
    bodies.length = 0;
    await work();
    return [...bodies];
  };
  const each = async (work: (id: string, index: number) => Promise<unknown>) => {
    const all: string[][] = [];
    for (const [index, id] of ids.entries()) all.push(await taken(() => work(id, index)));
    return all;
  };
  const facts: string[] = [];
  const entities = await each(async (id) => {
    const entity = await readEntity(id, signal);
    facts.push(...(entity?.links.slice(0, 1).map(({ fact }) => fact.id) ?? []));
  });
  const idAt = (index: number) => ids[index % ids.length] as string;
  return [
    { what: 'entities by words', share: 5, bodies: (await each((_, i) => searchEntities(wordOf(i), signal))).flat() },
    { what: 'an entity with links and mentions', share: 2, bodies: entities.flatMap((one) => one.slice(0, 1)) },
    { what: 'its activity', share: 2, bodies: entities.flatMap((one) => one.slice(1)) },
    { what: 'a fact with its evidence', share: 2, bodies: (await eachFact(facts, taken)).flat() },
    {
      what: 'numbers of links of 100 entities',
      share: 2,
      bodies: await taken(() => readLinkCounts(ids.slice(0, 100))),
    },
    { what: 'the newest links', share: 2, bodies: await taken(() => firstOf(readNewestLinks())) },
    { what: 'the newest posts', share: 1, bodies: await taken(() => readNewestPosts(50)) },
    { what: 'sizes and types', share: 1, bodies: await taken(() => readOverview()) },
    { what: 'what is trending', share: 1, bodies: await taken(() => readTrending('24h')) },
    {
      what: 'a path',
      share: 1,
      bodies: (await each((id, i) => readPath(id, idAt(i + 7), 0, signal))).flat(),
    },
    { what: 'the graph around an entity', share: 1, bodies: ids.map((id) => documented('Around', { around: [id] })) },
  ];
}

async function eachFact(
  facts: readonly string[],
  taken: (work: () => Promise<unknown>) => Promise<string[]>,
): Promise<readonly string[][]> {
  const all: string[][] = [];
  for (const id of facts) all.push(await taken(() => readFact(id, signal)));
  return all;
}

async function firstOf(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of pages) return;
}

/** What a person has typed so far of a name. */
function wordOf(index: number): string {
  const { name } = entityOf((index * 37) % AMONG);
  return name.slice(0, 3 + (index % 5));
}

/** A query of docs/graphql.md. */
function documented(name: string, variables: object): string {
  const page = readFileSync(new URL('../../docs/graphql.md', import.meta.url), 'utf8');
  const query = page.split('```graphql\n').find((block) => block.startsWith(`query ${name}(`));
  if (query === undefined) throw new Error(`docs/graphql.md has no query ${name}`);
  return JSON.stringify({ query: query.slice(0, query.indexOf('```')), variables });
}

/** Ids of entities, the ones named most more often than others. */
async function sampleIds(url: string, send: typeof fetch): Promise<readonly string[]> {
  const random = new Random(1);
  const ids = new Set<string>();
  while (ids.size < SAMPLE) {
    const { name, type } = entityOf(Math.floor(random.next() ** 2 * AMONG));
    const query = 'query ($name: String, $type: String) { entity(name: $name, type: $type) { id } }';
    const response = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables: { name, type } }),
    });
    const { data } = (await response.json()) as { data?: { entity: { id: string } | null } };
    if (data?.entity) ids.add(data.entity.id);
  }
  return [...ids];
}
