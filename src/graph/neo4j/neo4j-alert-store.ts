import type { AlertFilter, AlertLog, DeliveryFilter, LoggedAlert, LoggedDelivery, PruneAlerts } from '../alert-log.ts';
import type { AlertRuleStore, RuleBookChange, StoredRuleBook } from '../alert-rules.ts';
import type {
  Alert,
  AlertDecision,
  AlertHead,
  AlertState,
  AlertStore,
  AttemptNote,
  DueDelivery,
  NewAlert,
  TakeDeliveries,
} from '../alert-store.ts';
import { alertDeliveries, alerts, alertsAfter, lastAlertPlace } from './alert-log.ts';
import { changeRules, ruleBook } from './alert-rules.ts';
import { forRows, integer, type Neo4jClient, type Run } from './client.ts';
import { watch } from './watched.ts';

/** Whoever changes deliveries holds this node until the end of the transaction. */
const LOCK_DELIVERIES = "MERGE (s:Sequence {name: 'alert-deliveries'}) SET s.lock = true";
const STATE = 'n.key AS key, n.rule AS rule, n.factId AS factId, n.dueMs AS dueMs, n.value AS value';

/** Alerts beside a Neo4j graph; sequence nodes are the locks. */
export class Neo4jAlertStore implements AlertStore, AlertLog, AlertRuleStore {
  readonly #client: Neo4jClient;

  constructor(client: Neo4jClient) {
    this.#client = client;
  }

  async head(): Promise<AlertHead> {
    const [found] = await this.#client.read<{ position: number | null; revision: number; rulesRevision: number }>(
      `MATCH (s:Sequence {name: 'alerts'})
       RETURN s.value AS position, coalesce(s.revision, 0) AS revision, coalesce(s.rulesRevision, 0) AS rulesRevision`,
    );
    const { position, revision = 0, rulesRevision = 0 } = found ?? {};
    return { position: position ?? undefined, revision, rulesRevision };
  }

  watch(keys: readonly string[], nowMs: number): Promise<void> {
    return watch(this.#client, keys, nowMs);
  }

  async states(keys: readonly string[]): Promise<readonly AlertState[]> {
    if (keys.length === 0) return [];
    return this.#client.read(`UNWIND $keys AS key MATCH (n:AlertState {key: key}) RETURN ${STATE}`, { keys });
  }

  async statesOfFacts(factIds: readonly string[]): Promise<readonly AlertState[]> {
    if (factIds.length === 0) return [];
    return this.#client.read(`UNWIND $factIds AS id MATCH (n:AlertState {factId: id}) RETURN ${STATE}`, { factIds });
  }

  dueStates(nowMs: number, limit: number): Promise<readonly AlertState[]> {
    return this.#client.read(
      `MATCH (n:AlertState) WHERE n.dueMs <= $nowMs RETURN ${STATE} ORDER BY n.dueMs, n.key LIMIT $limit`,
      { nowMs: integer(nowMs), limit: integer(limit) },
    );
  }

  decide({ revision, position, put, removed, alerts }: AlertDecision): Promise<boolean> {
    return this.#client.write(async (run) => {
      const [found] = await run<{ revision: number }>(
        "MERGE (s:Sequence {name: 'alerts'}) SET s.lock = true RETURN coalesce(s.revision, 0) AS revision",
      );
      if (found?.revision !== revision) return false;
      await run("MATCH (s:Sequence {name: 'alerts'}) SET s.value = $position, s.revision = $revision", {
        position: integer(position),
        revision: integer(revision + 1),
      });
      await forRows(run, 'UNWIND $rows AS key MATCH (n:AlertState {key: key}) DELETE n', removed);
      const rows = put.map((row) => ({ ...row, dueMs: row.dueMs === null ? null : integer(row.dueMs) }));
      await forRows(run, 'UNWIND $rows AS row MERGE (n:AlertState {key: row.key}) SET n = row', rows);
      await addAlerts(run, alerts);
      return true;
    });
  }

  async takeDeliveries({
    holder,
    leaseMs,
    limit,
    except = [],
    nowMs,
  }: TakeDeliveries): Promise<readonly DueDelivery[]> {
    const due =
      'MATCH (d:PendingDelivery) WHERE d.dueMs <= $nowMs AND d.leasedMs <= $nowMs AND NOT d.channel IN $except';
    const now = { nowMs: integer(nowMs), except };
    // The service looks often and mostly in vain: looking must not cost a write.
    if ((await this.#client.read(`${due} RETURN 1 AS found LIMIT 1`, now)).length === 0) return [];
    const rows = await this.#client.write(async (run) => {
      await run(LOCK_DELIVERIES);
      return run<Omit<DueDelivery, 'alert'> & { readonly alert: string }>(
        `${due} WITH d ORDER BY d.dueMs, d.id LIMIT $limit SET d.holder = $holder, d.leasedMs = $leasedMs
         WITH d MATCH (a:Alert {id: d.alertId})
         RETURN d.id AS id, d.channel AS channel, d.attempts AS attempts, a.value AS alert ORDER BY d.dueMs, d.id`,
        { ...now, holder, limit: integer(limit), leasedMs: integer(nowMs + leaseMs) },
      );
    });
    return rows.map(({ alert, ...row }) => ({ ...row, alert: JSON.parse(alert) as Alert }));
  }

  async noteAttempt({ counted, dueMs, atMs, milliseconds, ...note }: AttemptNote): Promise<void> {
    await this.#client.write(async (run) => {
      // Else a taker that has found the delivery as pending could read its lease only once this has ended it.
      await run(LOCK_DELIVERIES);
      await run(
        `MATCH (d:AlertDelivery {id: $id}) WHERE d.holder = $holder AND d.state = 'pending'
         SET d.state = $state, d.dueMs = $dueMs, d.outcome = $outcome, d.attemptedMs = $atMs, d.answer = $answer,
           d.milliseconds = $milliseconds, d.attempts = d.attempts + $counted, d.leasedMs = 0
         WITH d WHERE $state <> 'pending' REMOVE d:PendingDelivery`,
        {
          ...note,
          counted: integer(counted),
          dueMs: integer(dueMs),
          atMs: integer(atMs),
          milliseconds: integer(Math.round(milliseconds)),
        },
      );
    });
  }

  deliveries(filter: DeliveryFilter): Promise<readonly LoggedDelivery[]> {
    return alertDeliveries(this.#client, filter);
  }

  alertsAfter(place: number, limit: number): Promise<readonly LoggedAlert[]> {
    return alertsAfter(this.#client, place, limit);
  }

  lastAlertPlace(): Promise<number> {
    return lastAlertPlace(this.#client);
  }

  alerts(filter: AlertFilter): Promise<readonly LoggedAlert[]> {
    return alerts(this.#client, filter);
  }

  ruleBook(): Promise<StoredRuleBook> {
    return ruleBook(this.#client);
  }

  changeRules(change: RuleBookChange): Promise<boolean> {
    return changeRules(this.#client, change);
  }

  replayDelivery(id: string, nowMs: number): Promise<boolean> {
    return this.#client.write(async (run) => {
      await run(LOCK_DELIVERIES);
      const found = await run(
        `MATCH (d:AlertDelivery {id: $id}) WHERE d.state <> 'pending'
         SET d.state = 'pending', d.attempts = 0, d.dueMs = $nowMs, d.leasedMs = 0, d:PendingDelivery RETURN 1 AS found`,
        { id, nowMs: integer(nowMs) },
      );
      return found.length > 0;
    });
  }

  pruneAlerts({ beforeMs, limit }: PruneAlerts): Promise<number> {
    return this.#client.write(async (run) => {
      await run(LOCK_DELIVERIES);
      const old = await run(
        `MATCH (a:Alert) WHERE a.atMs < $beforeMs
           AND NOT EXISTS { MATCH (p:AlertDelivery {alertId: a.id}) WHERE p.state = 'pending' }
         WITH a ORDER BY a.atMs LIMIT $limit
         CALL (a) { OPTIONAL MATCH (d:AlertDelivery {alertId: a.id}) DELETE d }
         DELETE a RETURN 1 AS gone`,
        { beforeMs: integer(beforeMs), limit: integer(limit) },
      );
      return old.length;
    });
  }
}

/** The node of the sequence is locked already, so that places follow commits. */
async function addAlerts(run: Run, alerts: readonly NewAlert[]): Promise<void> {
  if (alerts.length === 0) return;
  const [sequence] = await run<{ places: number }>(
    `MATCH (s:Sequence {name: 'alerts'}) SET s.places = coalesce(s.places, 0) + $count RETURN s.places AS places`,
    { count: integer(alerts.length) },
  );
  const first = (sequence?.places ?? alerts.length) - alerts.length + 1;
  await run('UNWIND $rows AS row MERGE (a:Alert {id: row.id}) ON CREATE SET a += row', {
    rows: alerts.map((alert, index) => {
      const value = JSON.stringify({ ...alert, deliveries: undefined });
      const { id, rule } = alert;
      return { id, rule, place: integer(first + index), atMs: integer(alert.atMs), value };
    }),
  });
  const rows = alerts.flatMap(({ id: alertId, rule, deliveries }) =>
    deliveries.map(({ id, channel, dueMs }) => {
      return { id, alertId, rule, channel, dueMs: integer(dueMs), createdMs: integer(dueMs) };
    }),
  );
  await forRows(
    run,
    `UNWIND $rows AS row MERGE (d:AlertDelivery {id: row.id})
     ON CREATE SET d += row, d.attempts = 0, d.leasedMs = 0, d.state = 'pending', d:PendingDelivery`,
    rows,
  );
}
