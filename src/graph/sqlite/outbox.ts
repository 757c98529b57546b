import type { GraphEvent } from '../../domain/graph.ts';
import type { OutboxEvent } from '../plan/rows.ts';
import type { Connection } from './connection.ts';

/** Who takes events and how many. */
export interface TakeRequest {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly nowMs: number;
}

/** An outbox row as stored. */
export interface OutboxRow {
  readonly position: number;
  readonly event: string;
}

/**
 * Takes or renews the lease, gives waiting events their positions and returns those not yet published, in order;
 * nothing while another holder has the lease.
 */
export function takeEvents(connection: Connection, request: TakeRequest): readonly GraphEvent[] {
  // A relay looks often and mostly in vain: looking must not cost a write.
  if (!connection.first('SELECT 1 FROM outbox WHERE published_ms IS NULL LIMIT 1')) return [];
  return connection.transaction(() => {
    if (!takeLease(connection, request)) return [];
    let position = lastPosition(connection);
    const waiting = connection.all<{ seq: number; position: number | null; event: string }>(
      'SELECT seq, position, event FROM outbox WHERE published_ms IS NULL ORDER BY seq LIMIT ?',
      request.limit,
    );
    const rows = waiting.map((row) => ({ ...row, position: row.position ?? ++position, isNew: row.position === null }));
    for (const row of rows) {
      if (row.isNew) connection.run('UPDATE outbox SET position = ? WHERE seq = ?', row.position, row.seq);
    }
    connection.run("UPDATE meta SET value = ? WHERE name = 'last_position'", String(position));
    return rows.map(eventOf);
  });
}

/** Marks events as published and drops those published before `dropBeforeMs`. */
export function markPublished(
  connection: Connection,
  mark: { readonly positions: readonly number[]; readonly nowMs: number; readonly dropBeforeMs: number },
): void {
  connection.transaction(() => {
    for (const position of mark.positions) {
      connection.run('UPDATE outbox SET published_ms = ? WHERE position = ?', mark.nowMs, position);
    }
    connection.run('DELETE FROM outbox WHERE published_ms < ?', mark.dropBeforeMs);
  });
}

/** Position of the newest event. */
export function lastPosition(connection: Connection): number {
  const row = connection.first<{ value: string }>("SELECT value FROM meta WHERE name = 'last_position'");
  return Number(row?.value ?? 0);
}

/** An event with its position. */
export function eventOf({ position, event }: OutboxRow): GraphEvent {
  return { ...(JSON.parse(event) as OutboxEvent), position };
}

function takeLease(connection: Connection, { holder, leaseMs, nowMs }: TakeRequest): boolean {
  const changed = connection.run(
    `INSERT INTO lease VALUES ('relay', ?1, ?2) ON CONFLICT (name) DO UPDATE
     SET holder = excluded.holder, expires_ms = excluded.expires_ms WHERE holder = ?1 OR expires_ms <= ?3`,
    holder,
    nowMs + leaseMs,
    nowMs,
  );
  return changed > 0;
}
