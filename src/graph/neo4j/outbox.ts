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

/**
 * Adds events to the outbox in the order given. The sequence node is locked until the transaction ends, so that the
 * order of numbers is the order of commits; nothing is locked after it.
 */
export async function addEvents(run: Run, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const [sequence] = await run<{ value: number }>(
    `MERGE (s:Sequence {name: 'outbox'}) ON CREATE SET s.value = 0 SET s.value = s.value + $count
     RETURN s.value AS value`,
    { count: integer(events.length) },
  );
  const first = (sequence?.value ?? events.length) - events.length + 1;
  const rows = events.map((event, index) => {
    return { key: event.key, seq: integer(first + index), event: JSON.stringify(event) };
  });
  await run(
    'UNWIND $rows AS row MERGE (o:Outbox {key: row.key}) ON CREATE SET o.seq = row.seq, o.event = row.event, o:Waiting',
    { rows },
  );
}

/** See `takeEvents` of the SQLite store: lease, positions, and the events not yet published in their order. */
export async function takeEvents(client: Neo4jClient, request: TakeRequest): Promise<readonly GraphEvent[]> {
  // A relay looks often and mostly in vain: looking must not cost a write.
  const waiting = await client.read('MATCH (o:Waiting) RETURN 1 AS found LIMIT 1');
  if (waiting.length === 0) return [];
  return client.write(async (run) => {
    const last = await takeLease(run, request);
    if (last === undefined) return [];
    let position = last;
    const found = await run<{ key: string; position: number | null; event: string }>(
      'MATCH (o:Waiting) RETURN o.key AS key, o.position AS position, o.event AS event ORDER BY o.seq LIMIT $limit',
      { limit: integer(request.limit) },
    );
    const rows = found.map((row) => ({ ...row, position: row.position ?? ++position }));
    await run('UNWIND $rows AS row MATCH (o:Outbox {key: row.key}) SET o.position = row.position', {
      rows: rows.map((row) => ({ key: row.key, position: integer(row.position) })),
    });
    await run("MATCH (l:Lease {name: 'relay'}) SET l.lastPosition = $position", { position: integer(position) });
    return rows.map(eventOf);
  });
}

/** Marks events as published and drops those published before `dropBeforeMs`. */
export async function markPublished(
  client: Neo4jClient,
  mark: { readonly positions: readonly number[]; readonly nowMs: number; readonly dropBeforeMs: number },
): Promise<void> {
  await client.write(async (run) => {
    await run(
      `UNWIND $positions AS position MATCH (o:Outbox {position: position})
       SET o.publishedMs = $nowMs REMOVE o:Waiting`,
      { positions: mark.positions.map(integer), nowMs: integer(mark.nowMs) },
    );
    await run('MATCH (o:Outbox) WHERE o.publishedMs < $before DELETE o', { before: integer(mark.dropBeforeMs) });
  });
}

/** An event with its position. */
export function eventOf({ position, event }: OutboxRow): GraphEvent {
  return { ...(JSON.parse(event) as OutboxEvent), position };
}

/** Position of the newest event when the lease is ours now, undefined while another holder has it. */
async function takeLease(run: Run, { holder, leaseMs, nowMs }: TakeRequest): Promise<number | undefined> {
  await run("MERGE (l:Lease {name: 'relay'}) SET l.lock = true");
  const [lease] = await run<{ lastPosition: number }>(
    `MATCH (l:Lease {name: 'relay'}) WHERE l.holder IS NULL OR l.holder = $holder OR l.expiresMs <= $nowMs
     SET l.holder = $holder, l.expiresMs = $expiresMs RETURN coalesce(l.lastPosition, 0) AS lastPosition`,
    { holder, nowMs: integer(nowMs), expiresMs: integer(nowMs + leaseMs) },
  );
  return lease?.lastPosition;
}
