import type { Evidence, Fact } from '../../domain/graph.ts';
import { decodeCursor } from '../cursor.ts';
import {
  FACT_ORDERS,
  FACTS_ORDERED,
  type FactConditions,
  type FactOrder,
  highestFirst,
  newestFirst,
} from '../fact-look.ts';
import type { FactQuery, Page, PageRequest } from '../graph-reader.ts';
import { pageOf, rowsForPage } from '../page.ts';
import { integer, type Neo4jClient } from './client.ts';
import { endOf, evidencePlace, factPlace, prefixOf } from './places.ts';
import { allOf, type Condition, inOrder } from './where.ts';

/** A fact `f` as `Fact`. */
export const FACT = `f {.id, .type, .headId, .tailId, .confidence, .maxConfidence, .evidenceCount, .sourceCount,
  .authorCount, .firstSeenMs, .lastSeenMs, .createdMs}`;

const RETURN_FACT = `RETURN ${FACT} AS fact`;

const LIVE: Condition = { cypher: 'f.expiredMs IS NULL AND f.createdMs IS NOT NULL' };

/** Live facts in the order of the ids. */
export async function factsById(client: Neo4jClient, ids: readonly string[]): Promise<readonly (Fact | undefined)[]> {
  const cypher = `UNWIND $ids AS id MATCH (f:Fact {id: id}) WHERE ${LIVE.cypher} ${RETURN_FACT}`;
  const rows = await client.read<{ fact: Fact }>(cypher, { ids });
  return inOrder(
    ids,
    rows.map((row) => row.fact),
  );
}

/** The live facts that each post states, by id. */
export async function factsOfPosts(
  client: Neo4jClient,
  postIds: readonly string[],
): Promise<readonly (readonly Fact[])[]> {
  const rows = await client.read<{ id: string; facts: readonly Fact[] }>(
    `UNWIND $postIds AS id MATCH (:Post {id: id})-[:ASSERTS]->(f:Fact) WHERE ${LIVE.cypher}
     WITH id, f ORDER BY f.id RETURN id, collect(${FACT}) AS facts`,
    { postIds },
  );
  const byPost = new Map(rows.map((row) => [row.id, row.facts]));
  return postIds.map((id) => byPost.get(id) ?? []);
}

/** A page of facts in the order that is asked for. */
export async function facts(client: Neo4jClient, query: FactQuery, page: PageRequest): Promise<Page<Fact>> {
  const { orderBy = 'NEWEST' } = query;
  return orderBy === 'NEWEST' ? newestFacts(client, query, page) : orderedFacts(client, query, page, orderBy);
}

/** The newest facts of each place in another order. */
async function orderedFacts(
  client: Neo4jClient,
  query: FactQuery,
  page: PageRequest,
  order: FactOrder,
): Promise<Page<Fact>> {
  const { list, field } = FACT_ORDERS[order];
  const limit = rowsForPage(page.first);
  const [value, id] = decodeCursor(list, page.after) ?? [];
  const after: Condition = {
    cypher: `(f.${field} < $afterValue OR (f.${field} = $afterValue AND f.id > $afterId))`,
    parameters: { afterValue: value, afterId: id },
  };
  const where = allOf([...factFilters(query), value === undefined ? undefined : after]);
  const lists = await Promise.all(
    placesOf(query).map(({ cypher, parameters }) =>
      client.read<{ fact: Fact }>(
        `${cypher} LIMIT $rows WITH f WHERE ${where.cypher} WITH f ORDER BY f.${field} DESC, f.id LIMIT $limit
         ${RETURN_FACT} ORDER BY f.${field} DESC, f.id`,
        { ...where.parameters, ...parameters, rows: integer(FACTS_ORDERED), limit: integer(limit) },
      ),
    ),
  );
  const found = lists.flatMap((rows) => rows.map((row) => row.fact)).sort(highestFirst(field));
  return pageOf(list, found.slice(0, limit), page.first, (fact) => [fact[field], fact.id]);
}

/** Facts of each place, newest first: those at the ends of an entity, or those of the graph. */
function placesOf(query: FactQuery): readonly Required<Condition>[] {
  const { entityId } = query;
  if (entityId === undefined) {
    const cypher = `MATCH (f:Fact) WHERE ${LIVE.cypher} WITH f ORDER BY f.createdMs DESC, f.id`;
    return [{ cypher, parameters: {} }];
  }
  const prefix = prefixOf(entityId);
  return endPlaces(query).map((place) => ({
    cypher: `MATCH (f:Fact) WHERE f.${place} > $prefix AND f.${place} < $end WITH f ORDER BY f.${place}`,
    parameters: { prefix, end: endOf(prefix) },
  }));
}

/** The places of the ends that are meant. */
export function endPlaces({ direction = 'ANY' }: FactQuery): readonly ('headPlace' | 'tailPlace')[] {
  return ({ OUT: ['headPlace'], IN: ['tailPlace'], ANY: ['headPlace', 'tailPlace'] } as const)[direction];
}

/** A page of facts, newest first. */
async function newestFacts(client: Neo4jClient, query: FactQuery, page: PageRequest): Promise<Page<Fact>> {
  const { entityId, asOfMs } = query;
  if (entityId !== undefined && asOfMs === undefined) return factsOfEntity(client, { ...query, entityId }, page);
  const limit = integer(rowsForPage(page.first));
  const [createdMs, id] = decodeCursor('facts', page.after) ?? [];
  const after: Condition = {
    cypher: '(f.createdMs < $afterMs OR (f.createdMs = $afterMs AND f.id > $afterId))',
    parameters: { afterMs: createdMs, afterId: id },
  };
  const where = allOf([...filters(query), createdMs === undefined ? undefined : after]);
  const rows = await client.read<{ fact: Fact }>(
    `${match(query)} WHERE ${where.cypher} WITH f ORDER BY f.createdMs DESC, f.id LIMIT $limit ${RETURN_FACT}
     ORDER BY f.createdMs DESC, f.id`,
    { ...where.parameters, limit },
  );
  const found = rows.map((row) => row.fact);
  return pageOf('facts', found, page.first, (fact) => [fact.createdMs, fact.id]);
}

/** The same for an entity, which may have very many: read in order from the places of the ends that are asked for. */
async function factsOfEntity(
  client: Neo4jClient,
  query: FactQuery & { readonly entityId: string },
  page: PageRequest,
): Promise<Page<Fact>> {
  const { entityId } = query;
  const limit = rowsForPage(page.first);
  const [createdMs, id] = decodeCursor('facts', page.after) ?? [];
  const prefix = prefixOf(entityId);
  const after = createdMs === undefined ? prefix : factPlace(entityId, { createdMs: Number(createdMs), id: `${id}` });
  const where = allOf(filters(query));
  const parameters = { ...where.parameters, after, end: endOf(prefix), limit: integer(limit) };
  const lists = await Promise.all(
    endPlaces(query).map((place) =>
      client.read<{ fact: Fact }>(
        `MATCH (f:Fact) WHERE f.${place} > $after AND f.${place} < $end AND ${where.cypher}
         ${RETURN_FACT} ORDER BY f.${place} LIMIT $limit`,
        parameters,
      ),
    ),
  );
  const found = lists.flatMap((list) => list.map((row) => row.fact)).sort(newestFirst);
  return pageOf('facts', found.slice(0, limit), page.first, (fact) => [fact.createdMs, fact.id]);
}

/** A page of a fact's evidence, earliest post first. */
export async function evidence(client: Neo4jClient, factId: string, page: PageRequest): Promise<Page<Evidence>> {
  const limit = integer(rowsForPage(page.first));
  const [eventMs, postId] = decodeCursor('evidence', page.after) ?? [];
  const prefix = prefixOf(factId);
  const after =
    eventMs === undefined ? prefix : evidencePlace({ factId, eventMs: Number(eventMs), postId: `${postId}` });
  const rows = await client.read<{ row: Evidence }>(
    `MATCH ()-[a:ASSERTS]->() WHERE a.place > $after AND a.place < $end
     RETURN a {.id, .factId, .postId, .headMentionId, .tailMentionId, .p, .eventMs, .extractor} AS row
     ORDER BY a.place LIMIT $limit`,
    { after, end: endOf(prefix), limit },
  );
  const found = rows.map(({ row }) => row);
  return pageOf('evidence', found, page.first, (row) => [row.eventMs, row.postId]);
}

/** The facts of a time. An entity's are found from the entity; a fact has two different ends, so none comes twice. */
export function match({ entityId, direction = 'ANY', asOfMs }: FactQuery): string {
  const ends = { OUT: 'HEAD', IN: 'TAIL', ANY: 'HEAD|TAIL' }[direction];
  const live = entityId === undefined ? 'MATCH (f:Fact)' : `MATCH (:Entity {id: $entityId})<-[:${ends}]-(f:Fact)`;
  if (asOfMs === undefined) return `${live} WHERE ${LIVE.cypher} WITH f`;
  const touches = { OUT: 'f.headId = $entityId', IN: 'f.tailId = $entityId', ANY: '$entityId IN [f.headId, f.tailId]' };
  const ofEntity = entityId === undefined ? '' : `AND ${touches[direction]}`;
  return `CALL () {
    ${live} WHERE ${LIVE.cypher} AND f.createdMs <= $asOfMs RETURN f
    UNION ALL MATCH (f:FactPast) WHERE f.createdMs <= $asOfMs AND f.expiredMs > $asOfMs ${ofEntity} RETURN f
  } WITH f`;
}

export function filters(query: FactQuery): readonly (Condition | undefined)[] {
  const { entityId, asOfMs } = query;
  return [
    entityId === undefined ? undefined : { cypher: 'true', parameters: { entityId } },
    asOfMs === undefined ? undefined : { cypher: 'true', parameters: { asOfMs: integer(asOfMs) } },
    ...factFilters(query),
  ];
}

/** Conditions on the properties of a fact `f`. */
export function factFilters({ type, minConfidence }: FactConditions): readonly (Condition | undefined)[] {
  return [
    type === undefined ? undefined : { cypher: 'f.type = $type', parameters: { type } },
    minConfidence === undefined
      ? undefined
      : { cypher: 'f.confidence >= $minConfidence', parameters: { minConfidence } },
  ];
}
