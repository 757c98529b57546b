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

/** How many events get a position, and which old ones go. */
export interface PositionRequest {
  readonly limit: number;
  readonly nowMs: number;
  readonly dropBeforeMs: number;
}

/**
 * Gives waiting events their positions, in the order of their commits, and returns how many. The write lock of the
 * transaction keeps two processes from giving the same one.
 */
export function givePositions(connection: Connection, { limit, nowMs, dropBeforeMs }: PositionRequest): number {
  // A relay looks often and mostly in vain: looking must not cost a write.
  if (!connection.first('SELECT 1 FROM outbox WHERE position IS NULL LIMIT 1')) return 0;
  return connection.transaction(() => {
    const waiting = connection.all<{ seq: number }>(
      'SELECT seq FROM outbox WHERE position IS NULL ORDER BY seq LIMIT ?',
      limit,
    );
    let position = lastPosition(connection);
    for (const { seq } of waiting) {
      connection.run('UPDATE outbox SET position = ?, positioned_ms = ? WHERE seq = ?', ++position, nowMs, seq);
    }
    connection.run("UPDATE meta SET value = ? WHERE name = 'last_position'", String(position));
    connection.run(
      `DELETE FROM outbox WHERE positioned_ms < ?
       AND (published_ms IS NOT NULL OR NOT EXISTS (SELECT 1 FROM lease WHERE name = 'publisher'))`,
      dropBeforeMs,
    );
    return waiting.length;
  });
}

/**
 * Takes or renews the lease and returns events that have a position and are not yet published, in order; nothing while
 * another holder has the lease.
 */
export function takeEvents(connection: Connection, request: TakeRequest): readonly GraphEvent[] {
  const unpublished = 'FROM outbox INDEXED BY outbox_unpublished WHERE published_ms IS NULL AND position > 0';
  if (!connection.first(`SELECT 1 ${unpublished} LIMIT 1`)) return [];
  return connection.transaction(() => {
    if (!takeLease(connection, request)) return [];
    const sql = `SELECT position, event ${unpublished} ORDER BY position LIMIT ?`;
    return connection.all<OutboxRow>(sql, request.limit).map(eventOf);
  });
}

/** Marks events as published. */
export function markPublished(
  connection: Connection,
  mark: { readonly positions: readonly number[]; readonly nowMs: number },
): void {
  connection.transaction(() => {
    for (const position of mark.positions) {
      connection.run('UPDATE outbox SET published_ms = ? WHERE position = ?', mark.nowMs, position);
    }
  });
}

/** Ends the lease if `holder` has it. The row stays: it tells that there has been a publisher. */
export function releaseLease(connection: Connection, holder: string): void {
  connection.run("UPDATE lease SET expires_ms = 0 WHERE name = 'publisher' AND holder = ?", holder);
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
    `INSERT INTO lease VALUES ('publisher', ?1, ?2) ON CONFLICT (name) DO UPDATE
     SET holder = excluded.holder, expires_ms = excluded.expires_ms WHERE holder = ?1 OR expires_ms <= ?3`,
    holder,
    nowMs + leaseMs,
    nowMs,
  );
  return changed > 0;
}
