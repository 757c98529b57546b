import type { AlertDecision, AlertStore, AttemptNote, DueDelivery, TakeDeliveries } from '../alert-store.ts';
import { integer, type Neo4jClient } from './client.ts';
import { eventOf } from './outbox.ts';

/** Whoever changes deliveries holds this node until the end of the transaction. */
const LOCK_DELIVERIES = "MERGE (s:Sequence {name: 'alert-deliveries'}) SET s.lock = true";

/** A delivery as read, with its event. */
interface DeliveryRow extends Omit<DueDelivery, 'event'> {
  readonly event: string | null;
}

/** Alerts beside a Neo4j graph; sequence nodes are the locks. */
export class Neo4jAlertStore implements AlertStore {
  readonly #client: Neo4jClient;

  constructor(client: Neo4jClient) {
    this.#client = client;
  }

  async position(): Promise<number | undefined> {
    const [found] = await this.#client.read<{ value: number }>(
      "MATCH (s:Sequence {name: 'alerts'}) WHERE s.value >= 0 RETURN s.value AS value",
    );
    return found?.value;
  }

  decide({ from, to, deliveries }: AlertDecision): Promise<boolean> {
    return this.#client.write(async (run) => {
      const [found] = await run<{ value: number | null }>(
        "MERGE (s:Sequence {name: 'alerts'}) SET s.lock = true RETURN s.value AS value",
      );
      if ((found?.value ?? undefined) !== from) return false;
      await run("MATCH (s:Sequence {name: 'alerts'}) SET s.value = $to", { to: integer(to) });
      const rows = deliveries.map(({ position, dueMs, ...row }) => {
        return { ...row, position: integer(position), dueMs: integer(dueMs) };
      });
      await run(
        `UNWIND $rows AS row MERGE (d:AlertDelivery {id: row.id})
         ON CREATE SET d += row, d.attempts = 0, d.leasedMs = 0, d.state = 'pending', d:PendingDelivery`,
        { rows },
      );
      return true;
    });
  }

  async takeDeliveries({ holder, leaseMs, limit, nowMs }: TakeDeliveries): Promise<readonly DueDelivery[]> {
    const due = 'MATCH (d:PendingDelivery) WHERE d.dueMs <= $nowMs AND d.leasedMs <= $nowMs';
    const now = { nowMs: integer(nowMs) };
    // The service looks often and mostly in vain: looking must not cost a write.
    if ((await this.#client.read(`${due} RETURN 1 AS found LIMIT 1`, now)).length === 0) return [];
    const rows = await this.#client.write(async (run) => {
      await run(LOCK_DELIVERIES);
      return run<DeliveryRow>(
        `${due} WITH d ORDER BY d.dueMs, d.id LIMIT $limit SET d.holder = $holder, d.leasedMs = $leasedMs
         WITH d OPTIONAL MATCH (o:Outbox {position: d.position})
         RETURN d.id AS id, d.rule AS rule, d.channel AS channel, d.position AS position, d.attempts AS attempts,
           o.event AS event ORDER BY d.dueMs, d.id`,
        { ...now, holder, limit: integer(limit), leasedMs: integer(nowMs + leaseMs) },
      );
    });
    return rows.map(({ event, ...row }) => {
      return { ...row, event: event === null ? undefined : eventOf({ event, position: row.position }) };
    });
  }

  async noteAttempt({ id, holder, state, dueMs, outcome }: AttemptNote): Promise<void> {
    await this.#client.write(async (run) => {
      // Else a taker that has found the delivery as pending could read its lease only once this has ended it.
      await run(LOCK_DELIVERIES);
      await run(
        `MATCH (d:AlertDelivery {id: $id}) WHERE d.holder = $holder AND d.state = 'pending'
         SET d.state = $state, d.dueMs = $dueMs, d.outcome = $outcome, d.attempts = d.attempts + 1, d.leasedMs = 0
         WITH d WHERE $state <> 'pending' REMOVE d:PendingDelivery`,
        { id, holder, state, dueMs: integer(dueMs), outcome },
      );
    });
  }
}
