import type { AlertFilter, DeliveryFilter, LoggedAlert, LoggedDelivery } from '../alert-log.ts';
import { integer, type Neo4jClient, type Parameters } from './client.ts';
import { allOf } from './where.ts';

/** See `AlertLog.alertsAfter`. */
export function alertsAfter(client: Neo4jClient, place: number, limit: number): Promise<readonly LoggedAlert[]> {
  const after = { place: integer(place), limit: integer(limit) };
  return alertsOf(client, 'a.place > $place', 'a.place', after);
}

/** See `AlertLog.lastAlertPlace`. */
export async function lastAlertPlace(client: Neo4jClient): Promise<number> {
  const [found] = await client.read<{ place: number }>(
    'MATCH (a:Alert) WHERE a.place > 0 RETURN a.place AS place ORDER BY a.place DESC LIMIT 1',
  );
  return found?.place ?? 0;
}

/** See `AlertLog.alerts`. */
export function alerts(client: Neo4jClient, { rule, before, limit }: AlertFilter): Promise<readonly LoggedAlert[]> {
  const { cypher, parameters } = allOf([
    // What an index can be read by in order has to be named.
    { cypher: 'a.place > 0' },
    rule === undefined ? undefined : { cypher: 'a.rule = $rule', parameters: { rule } },
    before === undefined ? undefined : { cypher: 'a.place < $before', parameters: { before: integer(before) } },
  ]);
  return alertsOf(client, cypher, 'a.place DESC', { ...parameters, limit: integer(limit) });
}

async function alertsOf(
  client: Neo4jClient,
  where: string,
  order: string,
  parameters: Parameters,
): Promise<readonly LoggedAlert[]> {
  const rows = await client.read<{ place: number; value: string }>(
    `MATCH (a:Alert) WHERE ${where} RETURN a.place AS place, a.value AS value ORDER BY ${order} LIMIT $limit`,
    parameters,
  );
  return rows.map(({ place, value }) => ({ ...(JSON.parse(value) as Omit<LoggedAlert, 'place'>), place }));
}

/** See `AlertLog.deliveries`. */
export function alertDeliveries(client: Neo4jClient, filter: DeliveryFilter): Promise<readonly LoggedDelivery[]> {
  const { state, channel, alertIds, id, after, limit } = filter;
  const { cypher, parameters } = allOf([
    { cypher: 'd.createdMs IS NOT NULL' },
    state === undefined ? undefined : { cypher: 'd.state = $state', parameters: { state } },
    channel === undefined ? undefined : { cypher: 'd.channel = $channel', parameters: { channel } },
    alertIds && { cypher: 'd.alertId IN $alertIds', parameters: { alertIds } },
    id === undefined ? undefined : { cypher: 'd.id = $id', parameters: { id } },
    after && {
      cypher: '(d.createdMs < $afterMs OR d.createdMs = $afterMs AND d.id > $afterId)',
      parameters: { afterMs: integer(after.createdMs), afterId: after.id },
    },
  ]);
  return client.read(
    `MATCH (d:AlertDelivery) WHERE ${cypher}
     RETURN d.id AS id, d.alertId AS alertId, d.rule AS rule, d.channel AS channel, d.state AS state,
       d.attempts AS attempts, d.dueMs AS dueMs, d.createdMs AS createdMs, d.attemptedMs AS attemptedMs,
       d.milliseconds AS milliseconds, d.outcome AS outcome, d.answer AS answer
     ORDER BY d.createdMs DESC, d.id LIMIT $limit`,
    { ...parameters, limit: integer(limit) },
  );
}
