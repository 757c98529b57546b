import type { HotWrites } from '../plan/rows.ts';
import { type Part, type PartRequest, StoredParts } from '../resolve/hot-parts.ts';
import { forRows, integer, type Run } from './client.ts';
import { ascending, ordered, placeOf, prefixOf } from './places.ts';

type PartLookup = Extract<PartRequest, { id: string }>;
type TopLookup = Extract<PartRequest, { bucket: string }>;
type Found = { readonly index: number; readonly part: Part };

const PART = 'p {.level, .id, .bucket, .eventMs, .postId, .authorId, .value}';

/** The evidence once more, in one bucket by time. */
const TIME = `a {level: 'time', id: a.postId, bucket: '', .eventMs, .postId, .authorId, value: a.eventMs}`;

/** Which of the facts have parts, with nothing read of them yet. */
export async function readHot(run: Run, factIds: readonly string[]): Promise<ReadonlyMap<string, StoredParts>> {
  const cypher = 'UNWIND $ids AS id MATCH (h:HotFact {id: id}) RETURN id, h.weight AS weight';
  const rows = await run<{ id: string; weight: number }>(cypher, { ids: factIds });
  return new Map(rows.map(({ id, weight }) => [id, new StoredParts(id, weight)]));
}

/** Reads parts into the facts that ask for them. */
export async function readParts(
  run: Run,
  requests: readonly PartRequest[],
  hot: ReadonlyMap<string, StoredParts>,
): Promise<void> {
  const parts: PartLookup[] = [];
  const tops = new Map<number, TopLookup[]>();
  for (const request of requests) {
    if ('id' in request) parts.push(request);
    else tops.set(request.limit, [...(tops.get(request.limit) ?? []), request]);
  }
  await Promise.all([
    lookUp(run, parts, hot),
    ...[...tops].map(([limit, wanted]) => lookAtTops(run, wanted, limit, hot)),
  ]);
}

/** Writes changed parts. */
export async function writeHot(run: Run, { facts, put, gone, cooled }: HotWrites): Promise<void> {
  await forRows(
    run,
    'UNWIND $rows AS row MERGE (h:HotFact {id: row.factId}) SET h.weight = row.weight',
    facts.map(({ factId, weight }) => ({ factId, weight: integer(weight) })),
  );
  await forRows(
    run,
    'UNWIND $rows AS row MATCH (p:HotPart {key: row.key}) DELETE p',
    gone.map(({ factId, level, id }) => ({ key: placeOf(factId, level, id) })),
  );
  await forRows(run, 'UNWIND $rows AS row MERGE (p:HotPart {key: row.key}) SET p = row', put.map(properties));
  if (cooled.length === 0) return;
  await run('UNWIND $ids AS id MATCH (h:HotFact {id: id}) DELETE h', { ids: cooled });
  await run('UNWIND $ids AS id MATCH (p:HotPart) WHERE p.key STARTS WITH id DELETE p', {
    ids: cooled.map((id) => prefixOf(id)),
  });
}

async function lookUp(run: Run, requests: readonly PartLookup[], hot: ReadonlyMap<string, StoredParts>): Promise<void> {
  if (requests.length === 0) return;
  const rows = requests.map(({ factId, level, id }, index) => ({
    index: integer(index),
    key: placeOf(factId, level, id),
  }));
  const found = await run<Found>(
    `UNWIND $rows AS row MATCH (p:HotPart {key: row.key}) RETURN row.index AS index, ${PART} AS part`,
    { rows },
  );
  const parts = new Map(found.map(({ index, part }) => [index, part]));
  requests.forEach((request, index) => hot.get(request.factId)?.addPart(request, parts.get(index)));
}

async function lookAtTops(
  run: Run,
  requests: readonly TopLookup[],
  limit: number,
  hot: ReadonlyMap<string, StoredParts>,
): Promise<void> {
  const rows = requests.map(({ factId, level, bucket }, index) => ({
    index: integer(index),
    isTime: level === 'time',
    prefix: level === 'time' ? prefixOf(factId) : prefixOf(factId, level, bucket),
  }));
  const [times, others] = [rows.filter((row) => row.isTime), rows.filter((row) => !row.isTime)];
  const select = (what: string, property: string, order: string, part: string) =>
    `UNWIND $rows AS row CALL (row) {
       MATCH ${what} WHERE ${property} STARTS WITH row.prefix RETURN ${part} AS part ORDER BY ${property}${order} LIMIT $limit
     } RETURN row.index AS index, part`;
  const read = (cypher: string, wanted: readonly object[]): Promise<readonly Found[]> =>
    wanted.length === 0 ? Promise.resolve([]) : run<Found>(cypher, { rows: wanted, limit: integer(limit) });
  const found = await Promise.all([
    read(select('()-[a:ASSERTS]->()', 'a.place', '', TIME), times),
    read(select('(p:HotPart)', 'p.first', '', PART), others),
    read(select('()-[a:ASSERTS]->()', 'a.place', ' DESC', TIME), times),
    read(select('(p:HotPart)', 'p.largest', ' DESC', PART), others),
  ]);
  const [first, largest] = [byIndex([...found[0], ...found[1]]), byIndex([...found[2], ...found[3]])];
  requests.forEach((request, index) => {
    hot.get(request.factId)?.addTop(request, { first: first.get(index) ?? [], largest: largest.get(index) ?? [] });
  });
}

function byIndex(found: readonly Found[]): ReadonlyMap<number, readonly Part[]> {
  const parts = new Map<number, Part[]>();
  for (const { index, part } of found) {
    const known = parts.get(index);
    if (known) known.push(part);
    else parts.set(index, [part]);
  }
  return parts;
}

function properties({ factId, ...part }: HotWrites['put'][number]) {
  const { level, id, bucket, eventMs, postId, value } = part;
  return {
    ...part,
    eventMs: integer(eventMs),
    key: placeOf(factId, level, id),
    first: placeOf(factId, level, bucket, ascending(eventMs), postId),
    largest: placeOf(factId, level, bucket, ordered(value)),
  };
}
