import { type AlikeQueries, alikeQueries, inListOrder } from '../count-facts.ts';
import type { FactQuery } from '../graph-reader.ts';
import type { Connection } from './connection.ts';
import { endColumns, factFilters, sourceOf } from './read-facts.ts';
import { allOf } from './where.ts';

/** See `GraphReader.countFacts`. */
export function countFacts(connection: Connection, queries: readonly FactQuery[]): readonly number[] {
  const groups = alikeQueries(queries);
  return inListOrder(
    groups,
    groups.map((group) => countGroup(connection, group)),
  );
}

function countGroup(connection: Connection, { query, entityIds }: AlikeQueries): readonly number[] {
  const source = sourceOf(query);
  const where = allOf(factFilters(query));
  const values = [...source.values, ...where.values];
  const select = `SELECT count(*) AS count FROM ${source.sql} AND ${where.sql}`;
  if (query.entityId === undefined)
    return connection.all<{ count: number }>(select, ...values).map(({ count }) => count);
  // Each end has an index of its own; a fact has two different ends, so that none counts twice.
  const ends = endColumns(query).map((column) => `(${select} AND ${column} = json_each.value)`);
  return connection
    .all<{ count: number }>(
      `SELECT ${ends.join(' + ')} AS count FROM json_each(?) ORDER BY json_each.key`,
      ...ends.flatMap(() => values),
      JSON.stringify(entityIds),
    )
    .map(({ count }) => count);
}
