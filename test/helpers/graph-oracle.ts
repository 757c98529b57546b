import type { Decision } from '../../src/domain/decision.ts';
import type { Extraction } from '../../src/domain/extraction.ts';
import { type GraphEvent, isFactEvent } from '../../src/domain/graph.ts';
import { compareVersions } from '../../src/domain/version.ts';
import {
  decisionLine,
  evidenceLine,
  factLine,
  mentionLine,
  postLine,
  tombstoneLine,
} from '../../src/graph/digest-lines.ts';
import type { PostRow, ResolvedPost } from '../../src/graph/plan/rows.ts';
import type { FactNumbers, Support } from '../../src/graph/resolve/confidence.ts';
import { resolvePost } from '../../src/graph/resolve/resolve-post.ts';
import { ToldDecisions } from './graph-oracle-decisions.ts';
import { ToldMarks } from './graph-oracle-marks.ts';

/** What a set of records must end in, whatever their order: computed from nothing but the records. */
export interface ExpectedGraph {
  /** The digest's lines but those about marks. */
  readonly lines: readonly string[];
  /** Ids of the posts and authors that marks are about. */
  readonly marked: readonly string[];
}

/**
 * The graph that the records, taken as a set, define where these authors of platform `native` are erased and these
 * decisions were taken.
 */
export function expectedGraph(
  records: readonly Extraction[],
  erasedAuthors: readonly string[] = [],
  decisions: readonly Decision[] = [],
): ExpectedGraph {
  const marks = new ToldMarks(records, erasedAuthors);
  const posts = standingPosts(records, marks);
  const live = liveOf(posts, decisions);
  const mentions = live.flatMap((post) => post.mentions).sort(byId);
  const evidence = live.flatMap((post) => post.evidence).sort(byId);
  const facts = [...new Set(evidence.map((row) => row.factId))].sort();
  const lines = [
    ...posts.map(postLineOf),
    ...mentions.map(mentionLine),
    ...evidence.map(evidenceLine),
    ...facts.map((id) => {
      const numbers = factNumbers(evidence.filter((row) => row.factId === id));
      if (!numbers) throw new Error('a fact without evidence');
      return factLine({ id, type: '', headId: '', tailId: '', ...numbers });
    }),
    ...posts.filter(({ standing }) => standing === 'deleted').map(({ post }) => tombstoneLine(post.row)),
    ...[...decisions].sort(byId).map(decisionLine),
  ];
  return { lines, marked: marks.subjects };
}

/** The readable posts of that graph, as decisions have them. */
export function livePosts(
  records: readonly Extraction[],
  erasedAuthors: readonly string[],
  decisions: readonly Decision[],
): readonly ResolvedPost[] {
  return liveOf(standingPosts(records, new ToldMarks(records, erasedAuthors)), decisions);
}

function standingPosts(records: readonly Extraction[], marks: ToldMarks): readonly Standing[] {
  return winners(records.flatMap(versionsOf)).map((post) => stand(post, marks));
}

function liveOf(posts: readonly Standing[], decisions: readonly Decision[]): readonly ResolvedPost[] {
  const decided = new ToldDecisions(decisions);
  return posts.filter((post) => post.standing === 'live').map((post) => decided.applyTo(post.post));
}

/** The digest's lines without those about marks, and what these are about. */
export function graphOf(lines: readonly string[]): ExpectedGraph {
  const isMarks = (line: string) => line.startsWith('{"line":"marks"');
  const marked = lines.filter(isMarks).map((line) => (JSON.parse(line) as { id: string }).id);
  return { lines: lines.filter((line) => !isMarks(line)), marked };
}

interface Standing {
  readonly post: ResolvedPost;
  readonly standing: 'live' | 'hidden' | 'blanked' | 'deleted';
}

function stand(post: ResolvedPost, marks: ToldMarks): Standing {
  const { id, authorId, eventMs, deleted } = post.row;
  if (deleted) return { post, standing: 'deleted' };
  if (marks.isBlanked(authorId ?? '', eventMs ?? 0)) return { post, standing: 'blanked' };
  return { post, standing: marks.isHidden(authorId ?? '') || marks.isHidden(id) ? 'hidden' : 'live' };
}

function postLineOf({ post: { row, images }, standing }: Standing): string {
  if (standing !== 'live') return postLine({ ...row, standing, skipped: null }, []);
  return postLine(
    { ...row, standing },
    images.map((image) => image.outcome),
  );
}

const resolved = new WeakMap<Extraction, readonly ResolvedPost[]>();

function versionsOf(record: Extraction): readonly ResolvedPost[] {
  const known = resolved.get(record) ?? resolve(record);
  resolved.set(record, known);
  return known;
}

/** An edit event deletes the versions below the one it names. */
function resolve(record: Extraction): readonly ResolvedPost[] {
  const { post } = record;
  if (!post.event) return [resolvePost(record)];
  if (post.event !== 'post.edited' || Number(post.version ?? 0) === 0) return [];
  const { id, platform } = post;
  return [resolvePost({ ...record, post: { id, platform, deleted: true, version: `${Number(post.version) - 1}` } })];
}

/** Facts that the events, read in order, leave alive. @throws when they contradict each other. */
export function factsTold(events: readonly GraphEvent[]): readonly string[] {
  const live = new Set<string>();
  for (const { kind, fact, movedFrom = '', remains } of events.filter(isFactEvent)) {
    if (kind === 'fact.moved') {
      if (!live.has(movedFrom)) throw new Error('a move from a fact that is not live');
      live.add(fact.id);
      if (!remains) live.delete(movedFrom);
      continue;
    }
    const isTold = live.has(fact.id);
    if (isTold === (kind === 'fact.created')) throw new Error(`${kind} of a fact that is ${isTold ? '' : 'not '}live`);
    if (kind === 'fact.created') live.add(fact.id);
    if (kind === 'fact.retracted') live.delete(fact.id);
  }
  return [...live].sort();
}

/** Entities that the events tell of as being there; that one is gone is not told. */
export function entitiesTold(events: readonly GraphEvent[]): ReadonlySet<string> {
  const told = new Set<string>();
  for (const event of events) {
    if (isFactEvent(event)) continue;
    if (event.kind === 'entity.merged') told.delete(event.entity.id);
    else told.add(event.entity.id);
    if (event.kind === 'entity.merged' && event.other) told.add(event.other.id);
  }
  return told;
}

/** Ids of the entities that are mentioned in a digest's lines. */
export function entitiesMentioned(lines: readonly string[]): readonly string[] {
  const rows = lines.map((line) => JSON.parse(line) as { line: string; entity: string });
  return [...new Set(rows.filter((row) => row.line === 'mention').map((row) => row.entity))];
}

/** Ids of the live facts in a digest's lines. */
export function factsIn(lines: readonly string[]): readonly string[] {
  const rows = lines.map((line) => JSON.parse(line) as { line: string; id: string });
  return rows.filter((row) => row.line === 'fact').map((row) => row.id);
}

function winners(posts: readonly ResolvedPost[]): readonly ResolvedPost[] {
  const best = new Map<string, ResolvedPost>();
  for (const post of posts) {
    const other = best.get(post.row.id);
    if (!other || rank(post.row, other.row) > 0) best.set(post.row.id, post);
  }
  return [...best.values()].sort((a, b) => byId(a.row, b.row));
}

function rank(a: PostRow, b: PostRow): number {
  const [left, right] = [a.version ?? '9'.repeat(41), b.version ?? '9'.repeat(41)];
  return (
    compareVersions(left, right) ||
    Number(a.deleted) - Number(b.deleted) ||
    a.generation - b.generation ||
    (a.contentHash < b.contentHash ? -1 : a.contentHash > b.contentHash ? 1 : 0)
  );
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

/** The numbers of a fact with this evidence, by the rules word for word; undefined when there is none. */
export function factNumbers(evidence: readonly Support[]): FactNumbers | undefined {
  if (evidence.length === 0) return undefined;
  const bestOf = new Map<string, number>();
  for (const group of groupsOf(evidence)) {
    const [first] = [...group].sort((a, b) => a.eventMs - b.eventMs || (a.postId < b.postId ? -1 : 1));
    const author = first?.authorId ?? '';
    bestOf.set(author, Math.max(bestOf.get(author) ?? 0, ...group.map((row) => row.p)));
  }
  const weights = [...bestOf.values()].map((p) => Math.round(-Math.log1p(-Math.min(p, 0.99)) * 1e8));
  const times = evidence.map((row) => row.eventMs);
  const exact = -Math.expm1(-weights.reduce((sum, weight) => sum + weight, 0) / 1e8);
  return {
    confidence: Math.min(0.999_999_9, Math.round(exact * 1e7) / 1e7),
    maxConfidence: Math.max(...evidence.map((row) => row.p)),
    evidenceCount: evidence.length,
    sourceCount: bestOf.size,
    authorCount: new Set(evidence.map((row) => row.authorId)).size,
    firstSeenMs: Math.min(...times),
    lastSeenMs: Math.max(...times),
  };
}

/** Evidence of one key is together, and so are reposts and their root post; joined until nothing more joins. */
function groupsOf(evidence: readonly Support[]): readonly (readonly Support[])[] {
  let groups: Support[][] = evidence.map((row) => [row]);
  const isJoined = (a: Support, b: Support) =>
    a.sourceKey === b.sourceKey || a.sourceKey === `post:${b.postId}` || b.sourceKey === `post:${a.postId}`;
  for (const row of evidence) {
    const [together, apart] = [groups.filter((group) => group.some((other) => isJoined(row, other))), [...groups]];
    groups = [together.flat(), ...apart.filter((group) => !together.includes(group))].filter(
      ({ length }) => length > 0,
    );
  }
  return groups;
}
