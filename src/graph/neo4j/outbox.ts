import type { GraphEvent } from '../../domain/graph.ts';
import type { OutboxEvent } from '../plan/rows.ts';
import { integer, type Neo4jClient, type Run } from './client.ts';

/** An outbox node as read. */
export interface OutboxRow {
  readonly position: number;
  readonly event: string;
}

/** Who takes events and how many. */
export interface TakeRequest {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly nowMs: number;
}

/** How many events get a position, and which old ones go. */
export interface PositionRequest {
  readonly limit: number;
  readonly nowMs: number;
  readonly dropBeforeMs: number;
}

/**
 * Adds events to the outbox in the order given. The sequence node is locked until the transaction ends, so that the
 * order of numbers is the order of commits; nothing is locked after it.
 */
export async function addEvents(run: Run, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event, index) => ({
    key: event.key,
    place: integer(index + 1),
    event: JSON.stringify(run.quiet ? { ...event, quiet: true } : event),
  }));
  await run(
    `MERGE (s:Sequence {name: 'outbox'}) ON CREATE SET s.value = 0 SET s.value = s.value + $count
     WITH s.value - $count AS before UNWIND $rows AS row MERGE (o:Outbox {key: row.key})
     ON CREATE SET o.seq = before + row.place, o.event = row.event, o:Waiting:Unpublished`,
    { rows, count: integer(events.length) },
  );
}

/** See `givePositions` of the SQLite store; here the sequence node is the lock. */
export async function givePositions(client: Neo4jClient, request: PositionRequest): Promise<number> {
  // A relay looks often and mostly in vain: looking must not cost a write.
  const found = await client.read('MATCH (o:Waiting) RETURN 1 AS found LIMIT 1');
  if (found.length === 0) return 0;
  return client.write(async (run) => {
    await run("MERGE (s:Sequence {name: 'positions'}) ON CREATE SET s.value = 0 SET s.lock = true");
    const waiting = await run<{ key: string }>(
      'MATCH (o:Waiting) WHERE o.seq > 0 RETURN o.key AS key ORDER BY o.seq LIMIT $limit',
      { limit: integer(request.limit) },
    );
    const [sequence] = await run<{ value: number }>(
      "MATCH (s:Sequence {name: 'positions'}) SET s.value = s.value + $count RETURN s.value AS value",
      { count: integer(waiting.length) },
    );
    const first = (sequence?.value ?? waiting.length) - waiting.length + 1;
    await run(
      `UNWIND $rows AS row MATCH (o:Outbox {key: row.key})
       SET o.position = row.position, o.positionedMs = $nowMs REMOVE o:Waiting`,
      {
        rows: waiting.map(({ key }, index) => ({ key, position: integer(first + index) })),
        nowMs: integer(request.nowMs),
      },
    );
    await run(
      `MATCH (o:Outbox) WHERE o.positionedMs < $before
       AND (NOT o:Unpublished OR NOT EXISTS { MATCH (:Lease {name: 'publisher'}) }) DELETE o`,
      { before: integer(request.dropBeforeMs) },
    );
    return waiting.length;
  });
}

/** See `takeEvents` of the SQLite store: the lease, and the events not yet published in their order. */
export async function takeEvents(client: Neo4jClient, request: TakeRequest): Promise<readonly GraphEvent[]> {
  const unpublished = 'MATCH (o:Unpublished) WHERE o.position > 0';
  const found = await client.read(`${unpublished} RETURN 1 AS found LIMIT 1`);
  if (found.length === 0) return [];
  return client.write(async (run) => {
    if (!(await takeLease(run, request))) return [];
    const rows = await run<OutboxRow>(
      `${unpublished} RETURN o.position AS position, o.event AS event ORDER BY o.position LIMIT $limit`,
      { limit: integer(request.limit) },
    );
    return rows.map(eventOf);
  });
}

/** Marks events as published. */
export async function markPublished(client: Neo4jClient, positions: readonly number[]): Promise<void> {
  await client.write((run) =>
    run('UNWIND $positions AS position MATCH (o:Outbox {position: position}) REMOVE o:Unpublished', {
      positions: positions.map(integer),
    }),
  );
}

/** Ends the lease if `holder` has it. The node stays: it tells that there has been a publisher. */
export async function releaseLease(client: Neo4jClient, holder: string): Promise<void> {
  await client.write((run) =>
    run("MATCH (l:Lease {name: 'publisher', holder: $holder}) SET l.expiresMs = 0", { holder }),
  );
}

/** An event with its position. */
export function eventOf({ position, event }: OutboxRow): GraphEvent {
  return { ...(JSON.parse(event) as OutboxEvent), position };
}

/** True when the lease is ours now, false while another holder has it. */
async function takeLease(run: Run, { holder, leaseMs, nowMs }: TakeRequest): Promise<boolean> {
  await run("MERGE (l:Lease {name: 'publisher'}) SET l.lock = true");
  const taken = await run(
    `MATCH (l:Lease {name: 'publisher'}) WHERE l.holder IS NULL OR l.holder = $holder OR l.expiresMs <= $nowMs
     SET l.holder = $holder, l.expiresMs = $expiresMs RETURN 1 AS taken`,
    { holder, nowMs: integer(nowMs), expiresMs: integer(nowMs + leaseMs) },
  );
  return taken.length > 0;
}
