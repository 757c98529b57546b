import type { Fact } from '../../domain/graph.ts';
import { type FactList, type FactLook, factList, joinEnds, rowsLookedAt } from '../fact-look.ts';
import { FACT_COLUMNS } from './columns.ts';
import type { Connection } from './connection.ts';
import { factFilters } from './read-facts.ts';
import { allOf, type Clause } from './where.ts';

/** See `GraphReader.factsAround`. */
export function factsAround(connection: Connection, entityIds: readonly string[], look: FactLook): readonly FactList[] {
  return entityIds.map((id) =>
    joinEnds(
      newest(connection, { sql: 'head_id = ?', values: [id] }, look),
      newest(connection, { sql: 'tail_id = ?', values: [id] }, look),
    ),
  );
}

/** See `GraphReader.recentFacts`. */
export function recentFacts(connection: Connection, look: FactLook): FactList {
  return newest(connection, { sql: 'true', values: [] }, look);
}

function newest(connection: Connection, place: Clause, look: FactLook): FactList {
  const rows = rowsLookedAt(look);
  const from = `fact WHERE expired_ms IS NULL AND ${place.sql} ORDER BY created_ms DESC, id LIMIT ?`;
  const where = allOf(factFilters(look));
  if (where.values.length === 0) {
    const all = connection.all<Fact>(`SELECT ${FACT_COLUMNS} FROM ${from}`, ...place.values, rows);
    return factList(look, all, all.length);
  }
  const found = connection.all<Fact>(
    `SELECT ${FACT_COLUMNS} FROM (SELECT * FROM ${from}) WHERE ${where.sql} ORDER BY created_ms DESC, id LIMIT ?`,
    ...place.values,
    rows,
    ...where.values,
    look.limit + 1,
  );
  return factList(look, found, found.length > look.limit ? rows : countRows(connection, { ...place, sql: from }, rows));
}

function countRows(connection: Connection, { sql, values }: Clause, rows: number): number {
  const counted = `SELECT count(*) AS count FROM (SELECT 1 FROM ${sql})`;
  return connection.first<{ count: number }>(counted, ...values, rows)?.count ?? 0;
}
