import type { AlertFilter, DeliveryFilter, LoggedAlert, LoggedDelivery } from '../alert-log.ts';
import type { Connection } from './connection.ts';
import { allOf, type Clause, isAmong } from './where.ts';

/** See `AlertLog.alertsAfter`. */
export function alertsAfter(connection: Connection, place: number, limit: number): readonly LoggedAlert[] {
  return alertsOf(connection, 'WHERE place > ? ORDER BY place LIMIT ?', [place, limit]);
}

/** See `AlertLog.lastAlertPlace`. */
export function lastAlertPlace(connection: Connection): number {
  return connection.first<{ place: number | null }>('SELECT max(place) AS place FROM alert')?.place ?? 0;
}

/** See `AlertLog.alerts`. */
export function alerts(connection: Connection, { rule, before, limit }: AlertFilter): readonly LoggedAlert[] {
  const { sql, values } = allOf([
    rule === undefined ? undefined : { sql: 'rule = ?', values: [rule] },
    before === undefined ? undefined : { sql: 'place < ?', values: [before] },
  ]);
  return alertsOf(connection, `WHERE ${sql} ORDER BY place DESC LIMIT ?`, [...values, limit]);
}

function alertsOf(connection: Connection, which: string, values: Clause['values']): readonly LoggedAlert[] {
  const rows = connection.all<{ place: number; value: string }>(`SELECT place, value FROM alert ${which}`, ...values);
  return rows.map(({ place, value }) => ({ ...(JSON.parse(value) as Omit<LoggedAlert, 'place'>), place }));
}

/** See `AlertLog.deliveries`. */
export function alertDeliveries(connection: Connection, filter: DeliveryFilter): readonly LoggedDelivery[] {
  const { state, channel, alertIds, id, after, limit } = filter;
  const { sql, values } = allOf([
    state === undefined ? undefined : { sql: 'state = ?', values: [state] },
    channel === undefined ? undefined : { sql: 'channel = ?', values: [channel] },
    alertIds && { sql: isAmong('alert_id'), values: [JSON.stringify(alertIds)] },
    id === undefined ? undefined : { sql: 'id = ?', values: [id] },
    after && {
      sql: '(created_ms < ? OR created_ms = ? AND id > ?)',
      values: [after.createdMs, after.createdMs, after.id],
    },
  ]);
  return connection.all<LoggedDelivery>(
    `SELECT id, alert_id AS alertId, rule, channel, state, attempts, due_ms AS dueMs, created_ms AS createdMs,
       attempted_ms AS attemptedMs, milliseconds, outcome, answer
     FROM alert_delivery WHERE ${sql} ORDER BY created_ms DESC, id LIMIT ?`,
    ...values,
    limit,
  );
}
