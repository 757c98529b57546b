import { confidenceOf, type FactNumbers, type FactTally, groupKeys, type Support, weightOf } from './confidence.ts';
import { comesFirst, type HotParts, type Level, type Part } from './hot-parts.ts';
import { postOfSourceKey, postSourceKey } from './source-key.ts';

/** The counts of a fact that are kept with it, and the sum of the weights of its sources. */
export type HotCounts = Pick<FactNumbers, 'evidenceCount' | 'sourceCount' | 'authorCount'> & {
  readonly weight: number;
};

/**
 * The evidence of a fact with much of it while it changes: equal to a `FactTally` of all rows, from the few parts that a
 * change concerns.
 */
export class HotTally implements Pick<FactTally, 'set' | 'delete' | 'numbers'> {
  readonly #parts: HotParts;
  readonly #counts: { -readonly [K in keyof HotCounts]: number };

  constructor(parts: HotParts, counts: HotCounts) {
    this.#parts = parts;
    this.#counts = { ...counts };
  }

  /** Sum of the weights of all sources. */
  get weight(): number {
    return this.#counts.weight;
  }

  set(row: Support): void {
    this.#replace(row.postId, row);
  }

  delete(postId: string): void {
    this.#replace(postId, undefined);
  }

  numbers(): FactNumbers | undefined {
    const { weight, ...counts } = this.#counts;
    const [times, sources] = [this.#parts.top('time', ''), this.#parts.top('source', '')];
    if (!times || !sources) return undefined;
    return {
      confidence: confidenceOf(weight),
      maxConfidence: sources.largest,
      ...counts,
      firstSeenMs: times.first.eventMs,
      lastSeenMs: times.largest,
    };
  }

  #replace(postId: string, next: Support | undefined): void {
    const old = this.#parts.get('row', postId);
    if (!old && !next) return;
    this.#putRow(postId, next);
    this.#counts.evidenceCount += Number(next !== undefined) - Number(old !== undefined);
    if (old) this.#countAuthor(old.authorId, -1);
    if (next) this.#countAuthor(next.authorId, 1);
    for (const key of new Set([old?.bucket, next?.sourceKey])) if (key !== undefined) this.#refreshKey(key);
    // Reposts of this post are of one group with it.
    const reposts = postSourceKey(postId);
    const key = this.#parts.get('key', reposts);
    if (!key || old?.bucket === next?.sourceKey) return;
    if (old && old.bucket !== reposts) this.#split(key.bucket);
    if (next && next.sourceKey !== reposts) this.#join(reposts, next.sourceKey);
  }

  #putRow(postId: string, next: Support | undefined): void {
    if (next) for (const part of rowParts(next)) this.#parts.put(part);
    else for (const level of ['row', 'time'] as const) this.#parts.remove(level, postId);
  }

  #countAuthor(authorId: string, delta: number): void {
    const before = this.#parts.get('author', authorId)?.value ?? 0;
    const after = before + delta;
    this.#counts.authorCount += Number(after > 0) - Number(before > 0);
    if (after > 0) this.#parts.put(flat('author', authorId, after));
    else this.#parts.remove('author', authorId);
  }

  #refreshKey(key: string): void {
    const old = this.#parts.get('key', key);
    const top = this.#parts.top('row', key);
    if (top) {
      const bucket = old?.bucket ?? this.#labelOf(key);
      this.#parts.put({ ...top.first, level: 'key', id: key, bucket, value: top.largest });
      this.#refreshGroup(bucket);
    } else if (old) {
      this.#parts.remove('key', key);
      // A group is named after a key that it has.
      if (old.bucket === key) this.#split(key);
      else this.#refreshGroup(old.bucket);
    }
  }

  /** The group of a key that has just come: that of the post it reposts, or one of its own. */
  #labelOf(key: string): string {
    const root = postOfSourceKey(key);
    const parent = root === undefined ? undefined : this.#parts.get('row', root)?.bucket;
    return parent === undefined || parent === key ? key : (this.#parts.get('key', parent)?.bucket ?? key);
  }

  #join(key: string, other: string): void {
    const [from, to] = [this.#parts.get('key', key)?.bucket, this.#parts.get('key', other)?.bucket];
    if (from === undefined || to === undefined || from === to) return;
    for (const part of this.#parts.all('key', from)) this.#parts.put({ ...part, bucket: to });
    this.#refreshGroup(from);
    this.#refreshGroup(to);
  }

  /** Groups the keys of a group anew after one of its links or its own key has gone. */
  #split(label: string): void {
    const keys = this.#parts.all('key', label);
    const rows = keys.flatMap(({ id }) => {
      const post = postOfSourceKey(id);
      const row = post === undefined ? undefined : this.#parts.get('row', post);
      return row ? [{ postId: row.postId, sourceKey: row.bucket }] : [];
    });
    const members = new Set(keys.map(({ id }) => id));
    const links = new Map(rows.filter((row) => members.has(row.sourceKey)).map((row) => [row.postId, row]));
    const groupOf = groupKeys(links, members);
    for (const part of keys) this.#parts.put({ ...part, bucket: groupOf(part.id) });
    for (const group of new Set([label, ...keys.map(({ id }) => groupOf(id))])) this.#refreshGroup(group);
  }

  #refreshGroup(label: string): void {
    const old = this.#parts.get('group', label);
    const top = this.#parts.top('key', label);
    if (top) {
      this.#parts.put({ ...top.first, level: 'group', id: label, bucket: top.first.authorId, value: top.largest });
    } else this.#parts.remove('group', label);
    for (const author of new Set([old?.bucket, top?.first.authorId])) {
      if (author !== undefined) this.#refreshSource(author);
    }
  }

  #refreshSource(authorId: string): void {
    const old = this.#parts.get('source', authorId);
    const top = this.#parts.top('group', authorId);
    this.#counts.sourceCount += Number(top !== undefined) - Number(old !== undefined);
    this.#counts.weight += (top ? weightOf(top.largest) : 0) - (old ? weightOf(old.value) : 0);
    if (top) this.#parts.put(flat('source', authorId, top.largest));
    else this.#parts.remove('source', authorId);
  }
}

/** The parts of a fact with this evidence, and the sum of the weights of its sources. */
export function partsOf(rows: readonly Support[]): { readonly parts: readonly Part[]; readonly weight: number } {
  const labelOf = groupKeys(new Map(rows.map((row) => [row.postId, row])));
  const own = rows.flatMap(rowParts).filter((part) => part.level === 'row');
  const keys = levelOf('key', own, (part) => labelOf(part.id));
  const groups = levelOf('group', keys, (part) => part.authorId);
  const sources = levelOf('source', groups, () => '').map((part) => flat('source', part.id, part.value));
  const posts = new Map<string, number>();
  for (const { authorId } of rows) posts.set(authorId, (posts.get(authorId) ?? 0) + 1);
  const authors = [...posts].map(([id, count]) => flat('author', id, count));
  const weight = sources.reduce((sum, part) => sum + weightOf(part.value), 0);
  return { parts: [...own, ...keys, ...groups, ...sources, ...authors], weight };
}

function levelOf(level: Level, parts: readonly Part[], bucketOf: (part: Part) => string): readonly Part[] {
  const found = new Map<string, Part>();
  for (const part of parts) {
    const known = found.get(part.bucket);
    const first = known && !comesFirst(part, known) ? known : part;
    found.set(part.bucket, { ...first, level, id: part.bucket, value: Math.max(part.value, known?.value ?? 0) });
  }
  return [...found.values()].map((part) => ({ ...part, bucket: bucketOf(part) }));
}

function rowParts({ postId, authorId, sourceKey, eventMs, p }: Support): readonly Part[] {
  const post = { id: postId, eventMs, postId, authorId };
  return [
    { ...post, level: 'row', bucket: sourceKey, value: p },
    { ...post, level: 'time', bucket: '', value: eventMs },
  ];
}

function flat(level: Level, id: string, value: number): Part {
  return { level, id, bucket: '', eventMs: 0, postId: '', authorId: '', value };
}
