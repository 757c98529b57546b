import type { GraphEventKind } from '../../domain/graph.ts';
import type { EvidenceRow, FactRow, WriteSet } from '../plan/rows.ts';
import { forRows, integer, type Run } from './client.ts';
import { cypherName } from './names.ts';
import { evidencePlace, factPlace } from './places.ts';

/** Writes facts, the edges that show them between entities, and their evidence. */
export async function writeFacts(run: Run, { facts, past, evidence, events }: WriteSet): Promise<void> {
  if (facts.length === 0) return;
  const created = newlyLive(events);
  await Promise.all([
    run('UNWIND $rows AS row MATCH (f:Fact {id: row.id}) SET f += row, f.lock = null', {
      rows: facts.map(factProperties),
    }),
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
  const shown = facts.flatMap(named);
  const live = shown.filter((row) => row.isLive);
  return [
    forRows(
      run,
      `${ENDS} CREATE (h)-[r:$(row.name) {factId: row.factId, confidence: row.confidence,
         evidenceCount: row.evidenceCount, lastSeenMs: row.lastSeenMs}]->(t)
       WITH row, r MATCH (f:Fact {id: row.factId}) SET f.edgeId = elementId(r)`,
      live.filter((row) => created.has(row.factId)),
    ),
    changeEdges(
      run,
      live.filter((row) => !created.has(row.factId)),
      `SET f.edgeId = elementId(r), r.confidence = row.confidence, r.evidenceCount = row.evidenceCount,
         r.lastSeenMs = row.lastSeenMs`,
    ),
    changeEdges(
      run,
      shown.filter((row) => !row.isLive),
      'SET f.edgeId = null DELETE r',
    ),
  ];
}

/**
 * Changes the edges of facts. Between two busy entities there are too many edges to look through, so a fact knows its
 * own; Neo4j may give edges other ids when a database is copied, and then they are looked for after all.
 */
async function changeEdges(run: Run, rows: readonly Edge[], change: string): Promise<void> {
  if (rows.length === 0) return;
  const found = await run<{ id: string }>(
    `UNWIND $rows AS row MATCH (f:Fact {id: row.factId}) WITH row, f, f.edgeId AS edgeId
     MATCH ()-[r]->() WHERE elementId(r) = edgeId AND r.factId = row.factId ${change} RETURN row.factId AS id`,
    { rows },
  );
  if (found.length === rows.length) return;
  const known = new Set(found.map(({ id }) => id));
  await run(`${ENDS} MATCH (f:Fact {id: row.factId}) MATCH (h)-[r {factId: row.factId}]->(t) ${change}`, {
    rows: rows.filter((row) => !known.has(row.factId)),
  });
}

const ENDS = 'UNWIND $rows AS row MATCH (h:Entity {id: row.headId}) MATCH (t:Entity {id: row.tailId})';

/** Facts that were not live before the run; one retracted and created again within it has its edges already. */
function newlyLive(events: WriteSet['events']): ReadonlySet<string> {
  const first = new Map<string, GraphEventKind>();
  for (const { kind, fact } of events) if (!first.has(fact.id)) first.set(fact.id, kind);
  return new Set([...first].filter(([, kind]) => kind === 'fact.created').map(([id]) => id));
}

type Edge = ReturnType<typeof named>[number];

function named(fact: FactRow) {
  const name = cypherName(fact.type);
  return name === undefined ? [] : [{ ...edge(fact), name, isLive: fact.expiredMs === null }];
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
    ...factPlaces(fact),
  };
}

/** Where a live fact stands in the lists of its ends; nowhere once it is retracted. */
export function factPlaces(fact: Pick<FactRow, 'id' | 'headId' | 'tailId' | 'createdMs' | 'expiredMs'>) {
  const place = (entityId: string) => (fact.expiredMs === null ? factPlace(entityId, fact) : null);
  return { headPlace: place(fact.headId), tailPlace: place(fact.tailId) };
}
