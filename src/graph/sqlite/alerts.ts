import type { PruneAlerts } from '../alert-log.ts';
import type {
  Alert,
  AlertDecision,
  AlertHead,
  AlertState,
  AttemptNote,
  DueDelivery,
  TakeDeliveries,
} from '../alert-store.ts';
import type { Connection } from './connection.ts';

const COLUMNS = 's.key, s.rule, s.fact_id AS factId, s.due_ms AS dueMs, s.value';

/** See `AlertStore.head`. */
export function alertHead(connection: Connection): AlertHead {
  const rows = connection.all<{ name: string; value: string }>(
    "SELECT name, value FROM meta WHERE name IN ('alert_position', 'alert_revision', 'alert_rules_revision')",
  );
  const values = new Map(rows.map(({ name, value }) => [name, Number(value)]));
  return {
    position: values.get('alert_position'),
    revision: values.get('alert_revision') ?? 0,
    rulesRevision: values.get('alert_rules_revision') ?? 0,
  };
}

/** See `AlertStore.states`. */
export function alertStates(connection: Connection, keys: readonly string[]): readonly AlertState[] {
  return connection.all<AlertState>(
    `SELECT ${COLUMNS} FROM json_each(?) AS wanted JOIN alert_state AS s ON s.key = wanted.value`,
    JSON.stringify(keys),
  );
}

/** See `AlertStore.statesOfFacts`. */
export function alertStatesOfFacts(connection: Connection, factIds: readonly string[]): readonly AlertState[] {
  return connection.all<AlertState>(
    `SELECT ${COLUMNS} FROM json_each(?) AS wanted JOIN alert_state AS s ON s.fact_id = wanted.value
     WHERE s.fact_id IS NOT NULL`,
    JSON.stringify(factIds),
  );
}

/** See `AlertStore.dueStates`. */
export function dueAlertStates(
  connection: Connection,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
): readonly AlertState[] {
  return connection.all<AlertState>(
    `SELECT ${COLUMNS} FROM alert_state AS s WHERE s.due_ms IS NOT NULL AND s.due_ms <= ? ORDER BY s.due_ms, s.key LIMIT ?`,
    nowMs,
    limit,
  );
}

/** See `AlertStore.decide`; the write lock of the transaction keeps two processes apart. */
export function decideAlerts(connection: Connection, decision: AlertDecision): boolean {
  const { revision, position, put, removed, alerts } = decision;
  return connection.transaction(() => {
    if (alertHead(connection).revision !== revision) return false;
    setMeta(connection, 'alert_position', position);
    setMeta(connection, 'alert_revision', revision + 1);
    for (const key of removed) connection.run('DELETE FROM alert_state WHERE key = ?', key);
    for (const { key, rule, factId, dueMs, value } of put) {
      connection.run('INSERT OR REPLACE INTO alert_state VALUES (?, ?, ?, ?, ?)', key, rule, factId, dueMs, value);
    }
    for (const { deliveries, ...alert } of alerts) {
      const add = 'INSERT INTO alert (id, at_ms, value) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING';
      connection.run(add, alert.id, alert.atMs, JSON.stringify(alert));
      for (const { id, channel, dueMs } of deliveries) {
        connection.run(
          `INSERT INTO alert_delivery (id, alert_id, rule, channel, state, attempts, due_ms, created_ms, leased_ms)
           VALUES (?1, ?2, ?3, ?4, 'pending', 0, ?5, ?5, 0) ON CONFLICT (id) DO NOTHING`,
          id,
          alert.id,
          alert.rule,
          channel,
          dueMs,
        );
      }
    }
    return true;
  });
}

/** Notes a number under a name. */
export function setMeta(connection: Connection, name: string, value: number): void {
  const set = 'INSERT INTO meta VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value';
  connection.run(set, name, String(value));
}

/** See `AlertStore.takeDeliveries`. */
export function takeDeliveries(connection: Connection, request: TakeDeliveries): readonly DueDelivery[] {
  const { holder, leaseMs, limit, except = [], nowMs } = request;
  const others = 'channel NOT IN (SELECT value FROM json_each(?2))';
  const due = `FROM alert_delivery WHERE state = 'pending' AND due_ms <= ?1 AND leased_ms <= ?1 AND ${others}`;
  // The service looks often and mostly in vain: looking must not cost a write.
  const left = JSON.stringify(except);
  if (!connection.first(`SELECT 1 ${due} LIMIT 1`, nowMs, left)) return [];
  return connection.transaction(() => {
    const rows = connection.all<Omit<DueDelivery, 'alert'> & { readonly alert: string }>(
      `SELECT id, channel, attempts, (SELECT value FROM alert WHERE alert.id = alert_id) AS alert
       ${due} ORDER BY due_ms, id LIMIT ?3`,
      nowMs,
      left,
      limit,
    );
    return rows.map(({ alert, ...row }) => {
      const lease = 'UPDATE alert_delivery SET holder = ?, leased_ms = ? WHERE id = ?';
      connection.run(lease, holder, nowMs + leaseMs, row.id);
      return { ...row, alert: JSON.parse(alert) as Alert };
    });
  });
}

/** See `AlertStore.noteAttempt`. */
export function noteAttempt(connection: Connection, note: AttemptNote): void {
  connection.transaction(() =>
    connection.runFor<AttemptNote>(
      `UPDATE alert_delivery SET state = @state, due_ms = @dueMs, outcome = @outcome, attempted_ms = @atMs,
         milliseconds = @milliseconds, answer = @answer, attempts = attempts + @counted, leased_ms = 0
       WHERE id = @id AND holder = @holder AND state = 'pending'`,
      note,
    ),
  );
}

/** See `AlertLog.replayDelivery`. */
export function replayDelivery(
  connection: Connection,
  { id, nowMs }: { readonly id: string; readonly nowMs: number },
): boolean {
  return connection.transaction(() => {
    const again = "UPDATE alert_delivery SET state = 'pending', attempts = 0, due_ms = ?, leased_ms = 0";
    return connection.run(`${again} WHERE id = ? AND state <> 'pending'`, nowMs, id) > 0;
  });
}

/** See `AlertLog.pruneAlerts`. */
export function pruneAlerts(connection: Connection, { beforeMs, limit }: PruneAlerts): number {
  return connection.transaction(() => {
    const old = connection.all<{ id: string }>(
      `SELECT id FROM alert WHERE at_ms < ? AND NOT EXISTS
         (SELECT 1 FROM alert_delivery WHERE alert_id = alert.id AND state = 'pending') ORDER BY at_ms LIMIT ?`,
      beforeMs,
      limit,
    );
    for (const { id } of old) {
      connection.run('DELETE FROM alert_delivery WHERE alert_id = ?', id);
      connection.run('DELETE FROM alert WHERE id = ?', id);
    }
    return old.length;
  });
}
