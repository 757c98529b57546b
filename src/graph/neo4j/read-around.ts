import { type FactLook, joinEnds, type Link, type LinkList, linkList, rowsLookedAt } from '../fact-look.ts';
import { integer, type Neo4jClient } from './client.ts';
import { factFilters } from './read-facts.ts';
import { allOf } from './where.ts';

const LINK = 'f {.id, .headId, .tailId, .evidenceCount, .lastSeenMs, .createdMs}';

/** What was read at one place: how many facts were looked at, and those of them that fit. */
interface Seen {
  readonly looked: number;
  readonly links: readonly Link[];
}

/** See `GraphReader.linksAround`. */
export async function linksAround(
  client: Neo4jClient,
  entityIds: readonly string[],
  look: FactLook,
): Promise<readonly LinkList[]> {
  const [heads, tails] = await Promise.all([
    atEnds(client, 'headPlace', entityIds, look),
    atEnds(client, 'tailPlace', entityIds, look),
  ]);
  const nothing: LinkList = { links: [], hasMore: false };
  return entityIds.map((_, index) => joinEnds(heads[index] ?? nothing, tails[index] ?? nothing));
}

async function atEnds(
  client: Neo4jClient,
  place: 'headPlace' | 'tailPlace',
  ids: readonly string[],
  look: FactLook,
): Promise<readonly LinkList[]> {
  // The bounds are those of `prefixOf` and `endOf`; the places are an index, so that only its beginning is read.
  return see(
    client,
    `UNWIND range(0, size($ids) - 1) AS number WITH number, $ids[number] AS id
     CALL (id) {
       MATCH (f:Fact) WHERE f.${place} > id + '|' AND f.${place} < id + '|~'
       WITH f ORDER BY f.${place} LIMIT $rows RETURN collect(f) AS seen
     }`,
    look,
    { ids },
  );
}

/** See `GraphReader.recentLinks`. */
export async function recentLinks(client: Neo4jClient, look: FactLook): Promise<LinkList> {
  const [list] = await see(
    client,
    `MATCH (f:Fact) WHERE f.expiredMs IS NULL AND f.createdMs IS NOT NULL
     WITH f ORDER BY f.createdMs DESC, f.id LIMIT $rows WITH 0 AS number, collect(f) AS seen`,
    look,
  );
  return list ?? { links: [], hasMore: false };
}

async function see(
  client: Neo4jClient,
  cypher: string,
  look: FactLook,
  parameters: { readonly ids?: readonly string[] } = {},
): Promise<readonly LinkList[]> {
  const where = allOf(factFilters(look));
  const rows = await client.read<Seen>(
    `${cypher} RETURN size(seen) AS looked, [f IN seen WHERE ${where.cypher} | ${LINK}][..$given] AS links ORDER BY number`,
    { ...where.parameters, ...parameters, rows: integer(rowsLookedAt(look)), given: integer(look.limit + 1) },
  );
  return rows.map(({ looked, links }) => linkList(look, links, looked));
}
