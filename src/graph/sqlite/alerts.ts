import type { AlertDecision, AttemptNote, DueDelivery, NewDelivery, TakeDeliveries } from '../alert-store.ts';
import type { Connection } from './connection.ts';
import { eventOf } from './outbox.ts';

/** Position of the last event that was decided on. */
export function alertPosition(connection: Connection): number | undefined {
  const row = connection.first<{ value: string }>("SELECT value FROM meta WHERE name = 'alert_position'");
  return row && Number(row.value);
}

/** See `AlertStore.decide`; the write lock of the transaction keeps two processes apart. */
export function decideAlerts(connection: Connection, { from, to, deliveries }: AlertDecision): boolean {
  return connection.transaction(() => {
    if (alertPosition(connection) !== from) return false;
    connection.run(
      "INSERT INTO meta VALUES ('alert_position', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      String(to),
    );
    for (const row of deliveries) {
      connection.runFor<NewDelivery>(
        `INSERT INTO alert_delivery (id, rule, channel, position, due_ms, state, attempts, leased_ms)
         VALUES (@id, @rule, @channel, @position, @dueMs, 'pending', 0, 0) ON CONFLICT (id) DO NOTHING`,
        row,
      );
    }
    return true;
  });
}

/** See `AlertStore.takeDeliveries`. */
export function takeDeliveries(connection: Connection, request: TakeDeliveries): readonly DueDelivery[] {
  const { holder, leaseMs, limit, nowMs } = request;
  const due = "FROM alert_delivery WHERE state = 'pending' AND due_ms <= ?1 AND leased_ms <= ?1";
  // The service looks often and mostly in vain: looking must not cost a write.
  if (!connection.first(`SELECT 1 ${due} LIMIT 1`, nowMs)) return [];
  return connection.transaction(() => {
    const rows = connection.all<Omit<DueDelivery, 'event'>>(
      `SELECT id, rule, channel, position, attempts ${due} ORDER BY due_ms, id LIMIT ?2`,
      nowMs,
      limit,
    );
    return rows.map((row) => {
      const lease = 'UPDATE alert_delivery SET holder = ?, leased_ms = ? WHERE id = ?';
      connection.run(lease, holder, nowMs + leaseMs, row.id);
      const event = connection.first<{ event: string }>('SELECT event FROM outbox WHERE position = ?', row.position);
      return { ...row, event: event && eventOf({ ...event, position: row.position }) };
    });
  });
}

/** See `AlertStore.noteAttempt`. */
export function noteAttempt(connection: Connection, note: AttemptNote): void {
  connection.transaction(() =>
    connection.runFor<AttemptNote>(
      `UPDATE alert_delivery SET state = @state, due_ms = @dueMs, outcome = @outcome, attempts = attempts + 1, leased_ms = 0
       WHERE id = @id AND holder = @holder AND state = 'pending'`,
      note,
    ),
  );
}
