import type { GraphEventKind } from '../../domain/graph.ts';
import type { EvidenceRow, FactRow, WriteSet } from '../plan/rows.ts';
import { forRows, integer, type Run } from './client.ts';
import { cypherName } from './names.ts';
import { evidencePlace } from './places.ts';

/** Writes facts, the edges that show them between entities, and their evidence. */
export async function writeFacts(run: Run, { facts, past, evidence, events }: WriteSet): Promise<void> {
  if (facts.length === 0) return;
  const created = newlyLive(events);
  await Promise.all([
    run('UNWIND $rows AS row MATCH (f:Fact {id: row.id}) SET f = row', { rows: facts.map(factProperties) }),
    forRows(
      run,
      `UNWIND $rows AS row MATCH (f:Fact {id: row.factId})
       MATCH (h:Entity {id: row.headId}) MATCH (t:Entity {id: row.tailId})
       MERGE (f)-[:HEAD]->(h) MERGE (f)-[:TAIL]->(t)`,
      facts.filter((fact) => created.has(fact.id)).map(edge),
    ),
    ...showFacts(run, facts, created),
    keepPast(run, past),
    createEvidence(run, evidence),
  ]);
}

/** Keeps retracted facts as they last were. */
export async function keepPast(run: Run, past: readonly FactRow[]): Promise<void> {
  await forRows(
    run,
    'UNWIND $rows AS row MERGE (f:FactPast {key: row.key}) SET f = row',
    past.map((fact) => ({ ...factProperties(fact), key: `${fact.id} ${fact.createdMs}` })),
  );
}

/**
 * Keeps one edge for each live fact, of a type made from the fact's, for people who read the graph with Cypher. A type
 * given as a parameter keeps the statements few, which matters more than anything else for their planning.
 */
function showFacts(run: Run, facts: readonly FactRow[], created: ReadonlySet<string>): readonly Promise<unknown>[] {
  const live = facts.filter((fact) => fact.expiredMs === null);
  const ends = 'UNWIND $rows AS row MATCH (h:Entity {id: row.headId}) MATCH (t:Entity {id: row.tailId})';
  return [
    forRows(
      run,
      `${ends} CREATE (h)-[r:$(row.name) {factId: row.factId, confidence: row.confidence,
         evidenceCount: row.evidenceCount, lastSeenMs: row.lastSeenMs}]->(t)`,
      live.filter((fact) => created.has(fact.id)).flatMap((fact) => named(fact)),
    ),
    forRows(
      run,
      `${ends} MATCH (h)-[r {factId: row.factId}]->(t)
       SET r.confidence = row.confidence, r.evidenceCount = row.evidenceCount, r.lastSeenMs = row.lastSeenMs`,
      live.filter((fact) => !created.has(fact.id)).map(edge),
    ),
    forRows(
      run,
      `${ends} MATCH (h)-[r {factId: row.factId}]->(t) DELETE r`,
      facts.filter((fact) => fact.expiredMs !== null).map(edge),
    ),
  ];
}

/** Facts that were not live before the run; one retracted and created again within it has its edges already. */
function newlyLive(events: WriteSet['events']): ReadonlySet<string> {
  const first = new Map<string, GraphEventKind>();
  for (const { kind, fact } of events) if (!first.has(fact.id)) first.set(fact.id, kind);
  return new Set([...first].filter(([, kind]) => kind === 'fact.created').map(([id]) => id));
}

function named(fact: FactRow) {
  const name = cypherName(fact.type);
  return name === undefined ? [] : [{ ...edge(fact), name }];
}

async function createEvidence(run: Run, evidence: readonly EvidenceRow[]): Promise<void> {
  await forRows(
    run,
    `UNWIND $rows AS row MATCH (p:Post {id: row.postId}) MATCH (f:Fact {id: row.factId})
     CREATE (p)-[a:ASSERTS]->(f) SET a = row`,
    evidence.map(({ factType: _type, headId: _head, tailId: _tail, ...row }) => ({
      ...row,
      eventMs: integer(row.eventMs),
      place: evidencePlace(row),
    })),
  );
}

function edge({ id, headId, tailId, confidence, evidenceCount, lastSeenMs }: FactRow) {
  const counts = { evidenceCount: integer(evidenceCount), lastSeenMs: integer(lastSeenMs) };
  return { factId: id, headId, tailId, confidence, ...counts };
}

function factProperties(fact: FactRow) {
  return {
    ...fact,
    evidenceCount: integer(fact.evidenceCount),
    sourceCount: integer(fact.sourceCount),
    authorCount: integer(fact.authorCount),
    firstSeenMs: integer(fact.firstSeenMs),
    lastSeenMs: integer(fact.lastSeenMs),
    createdMs: integer(fact.createdMs),
    expiredMs: fact.expiredMs === null ? null : integer(fact.expiredMs),
  };
}
