import { integer, type Run } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** What rules remember, and the log of alerts; deliveries belong to alerts. */
export const alertStates: Migration = {
  does: 'makes the constraints and indexes of what alert rules remember and of the alerts',
  apply: async (client) => {
    await inTurn(client, [
      'CREATE CONSTRAINT alert_state_key IF NOT EXISTS FOR (n:AlertState) REQUIRE n.key IS UNIQUE',
      'CREATE INDEX alert_state_fact IF NOT EXISTS FOR (n:AlertState) ON (n.factId)',
      'CREATE INDEX alert_state_due IF NOT EXISTS FOR (n:AlertState) ON (n.dueMs)',
      'CREATE CONSTRAINT alert_id IF NOT EXISTS FOR (n:Alert) REQUIRE n.id IS UNIQUE',
      'CREATE INDEX alert_place IF NOT EXISTS FOR (n:Alert) ON (n.place)',
      'CREATE INDEX alert_at IF NOT EXISTS FOR (n:Alert) ON (n.atMs)',
      'CREATE INDEX alert_delivery_alert IF NOT EXISTS FOR (n:AlertDelivery) ON (n.alertId)',
      'CREATE INDEX alert_delivery_created IF NOT EXISTS FOR (n:AlertDelivery) ON (n.createdMs)',
    ]);
    await client.write((run) => giveAlerts(run));
  },
};

/** A delivery of before gets an alert of its own, about the event at its position. */
async function giveAlerts(run: Run): Promise<void> {
  const rows = await run<{ id: string; rule: string; position: number; dueMs: number }>(
    `MATCH (d:AlertDelivery) WHERE d.alertId IS NULL
     RETURN d.id AS id, d.rule AS rule, d.position AS position, d.dueMs AS dueMs ORDER BY d.position, d.id`,
  );
  const alerts = rows.map(({ id, rule, position, dueMs }, index) => {
    const subjects = [{ factId: '', type: '', headId: '', tailId: '', key: '', position }];
    const value = { id, rule, type: 'alert.fired', severity: 'warning', atMs: dueMs, subjects };
    return { id, place: integer(index + 1), atMs: integer(dueMs), value: JSON.stringify(value) };
  });
  if (alerts.length === 0) return;
  await run(
    `UNWIND $alerts AS row MATCH (d:AlertDelivery {id: row.id})
     SET d.alertId = row.id, d.createdMs = row.atMs REMOVE d.position
     MERGE (a:Alert {id: row.id}) SET a += row`,
    { alerts },
  );
  await run("MERGE (s:Sequence {name: 'alerts'}) SET s.places = $places", { places: integer(alerts.length) });
}
