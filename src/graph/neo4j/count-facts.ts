import { type AlikeQueries, alikeQueries, inListOrder } from '../count-facts.ts';
import type { FactQuery } from '../graph-reader.ts';
import type { Neo4jClient } from './client.ts';
import { endOf, prefixOf } from './places.ts';
import { endPlaces, factFilters, filters, match } from './read-facts.ts';
import { allOf } from './where.ts';

/** See `GraphReader.countFacts`. */
export async function countFacts(client: Neo4jClient, queries: readonly FactQuery[]): Promise<readonly number[]> {
  const groups = alikeQueries(queries);
  return inListOrder(groups, await Promise.all(groups.map((group) => countGroup(client, group))));
}

async function countGroup(client: Neo4jClient, { query, entityIds }: AlikeQueries): Promise<readonly number[]> {
  if (query.entityId === undefined || query.asOfMs !== undefined) {
    const where = allOf(filters(query));
    const cypher = `${match(query)} WHERE ${where.cypher} RETURN count(f) AS count`;
    return counts(await client.read(cypher, where.parameters));
  }
  const where = allOf(factFilters(query));
  // Only live facts have places, so that those of an entity are counted in the index; two ends differ, and none counts twice.
  const ends = endPlaces(query).map(
    (place) => `COUNT { MATCH (f:Fact) WHERE f.${place} > one.prefix AND f.${place} < one.end AND ${where.cypher} }`,
  );
  const rows = entityIds.map((id, at) => ({ at, prefix: prefixOf(id), end: endOf(prefixOf(id)) }));
  const cypher = `UNWIND $rows AS one WITH one.at AS at, ${ends.join(' + ')} AS count RETURN count ORDER BY at`;
  return counts(await client.read(cypher, { ...where.parameters, rows }));
}

function counts(rows: readonly { readonly count: number }[]): readonly number[] {
  return rows.map(({ count }) => count);
}
