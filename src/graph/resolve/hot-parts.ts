/**
 * What is kept of a fact with much evidence, so that one more post need not read all the others: its evidence by source
 * key, the keys by group, the groups by the author who speaks for them, those authors, and how much evidence is whose.
 * Parts of level `time` are not kept: they are the rows once more, in one bucket, and read from the evidence itself.
 */
export type Level = 'row' | 'time' | 'key' | 'group' | 'source' | 'author';

/** One of the parts of a level, in its bucket: the part of the next level that is made of it. */
export interface Part {
  readonly level: Level;
  readonly id: string;
  readonly bucket: string;
  /** Of the earliest post in it. */
  readonly eventMs: number;
  readonly postId: string;
  readonly authorId: string;
  /** Largest p in it; the author's number of posts at level `author`, the event time at level `time`. */
  readonly value: number;
}

/** A part that is asked for, or those of a bucket that come first and have the largest values. */
export type PartRequest =
  | { readonly factId: string; readonly level: Level; readonly id: string }
  | { readonly factId: string; readonly level: Level; readonly bucket: string; readonly limit: number };

/** The beginnings of a bucket in both orders; the whole bucket where they are shorter than the limit. */
export interface Top {
  readonly limit: number;
  readonly first: readonly Part[];
  readonly largest: readonly Part[];
}

/** What has been read of a hot fact. */
export class StoredParts {
  readonly factId: string;
  /** Sum of the weights of its sources. */
  readonly weight: number;
  readonly parts = new Map<string, Part | undefined>();
  readonly tops = new Map<string, Top>();

  constructor(factId: string, weight: number) {
    this.factId = factId;
    this.weight = weight;
  }

  /** Takes what a request found. */
  addPart(request: Extract<PartRequest, { id: string }>, part: Part | undefined): void {
    this.parts.set(keyOf(request.level, request.id), part);
  }

  /** Takes the beginnings of a bucket. */
  addTop(request: Extract<PartRequest, { bucket: string }>, top: Omit<Top, 'limit'>): void {
    this.tops.set(keyOf(request.level, request.bucket), { ...top, limit: request.limit });
    for (const part of [...top.first, ...top.largest]) this.parts.set(keyOf(part.level, part.id), part);
  }
}

const FIRST_LOOK = 4;
const NEXT_LOOK = 16;
const WHOLE = 1_000_000_000;

/**
 * The parts of a fact while it changes. What is not read yet counts as not there and is noted as missing: then nothing
 * that was computed holds, and it is computed again once the missing parts are read.
 */
export class HotParts {
  readonly #stored: StoredParts;
  readonly #changed = new Map<string, Part | undefined>();
  readonly #changedIn = new Map<string, Map<string, Part>>();
  readonly #missing = new Map<string, PartRequest>();

  constructor(stored: StoredParts) {
    this.#stored = stored;
  }

  /** What has to be read. */
  get missing(): readonly PartRequest[] {
    return [...this.#missing.values()];
  }

  /** Parts that are new or other than the stored ones, and those that are gone; times are the evidence's own. */
  get changes(): { readonly put: readonly Part[]; readonly gone: readonly Pick<Part, 'level' | 'id'>[] } {
    const put: Part[] = [];
    const gone: Pick<Part, 'level' | 'id'>[] = [];
    for (const [key, part] of this.#changed) {
      if (key.startsWith('time ')) continue;
      const stored = this.#stored.parts.get(key);
      if (part && !isSame(part, stored)) put.push(part);
      if (!part && stored) gone.push({ level: stored.level, id: stored.id });
    }
    return { put, gone };
  }

  get(level: Level, id: string): Part | undefined {
    const key = keyOf(level, id);
    if (this.#changed.has(key)) return this.#changed.get(key);
    if (!this.#stored.parts.has(key)) this.#miss({ factId: this.#stored.factId, level, id });
    return this.#stored.parts.get(key);
  }

  put(part: Part): void {
    this.remove(part.level, part.id);
    this.#changed.set(keyOf(part.level, part.id), part);
    const bucket = keyOf(part.level, part.bucket);
    const parts = this.#changedIn.get(bucket) ?? new Map<string, Part>();
    this.#changedIn.set(bucket, parts.set(part.id, part));
  }

  remove(level: Level, id: string): void {
    const before = this.#changed.get(keyOf(level, id));
    if (before) this.#changedIn.get(keyOf(level, before.bucket))?.delete(id);
    this.#changed.set(keyOf(level, id), undefined);
  }

  /** The earliest part of a bucket and the largest value; undefined for an empty one. */
  top(level: Level, bucket: string): { readonly first: Part; readonly largest: number } | undefined {
    const stored = this.#stored.tops.get(keyOf(level, bucket));
    if (!stored) this.#miss({ factId: this.#stored.factId, level, bucket, limit: FIRST_LOOK });
    const changed = [...(this.#changedIn.get(keyOf(level, bucket))?.values() ?? [])];
    const first = best([...this.#unchanged(stored?.first), ...changed], comesFirst);
    const largest = best([...this.#unchanged(stored?.largest), ...changed], isLarger);
    if (
      stored &&
      !(reaches(stored, stored.first, first, comesFirst) && reaches(stored, stored.largest, largest, isLarger))
    ) {
      this.#miss({ factId: this.#stored.factId, level, bucket, limit: stored.limit * NEXT_LOOK });
    }
    return first && largest && { first, largest: largest.value };
  }

  /** All parts of a bucket. */
  all(level: Level, bucket: string): readonly Part[] {
    const stored = this.#stored.tops.get(keyOf(level, bucket));
    const isWhole = stored && stored.first.length < stored.limit;
    if (!isWhole) this.#miss({ factId: this.#stored.factId, level, bucket, limit: WHOLE });
    return [...this.#unchanged(stored?.first), ...(this.#changedIn.get(keyOf(level, bucket))?.values() ?? [])];
  }

  #unchanged(parts: readonly Part[] = []): readonly Part[] {
    return parts.filter((part) => !this.#changed.has(keyOf(part.level, part.id)));
  }

  #miss(request: PartRequest): void {
    const key = 'id' in request ? `id ${request.level} ${request.id}` : `in ${request.level} ${request.bucket}`;
    const known = this.#missing.get(key);
    if (known && 'limit' in known && 'limit' in request && known.limit >= request.limit) return;
    this.#missing.set(key, request);
  }
}

/** True when nothing that was not read can be before the best that is known. */
function reaches(
  { limit }: Top,
  read: readonly Part[],
  found: Part | undefined,
  isBefore: (a: Part, b: Part) => boolean,
): boolean {
  const last = read.at(-1);
  return read.length < limit || !last || (found !== undefined && !isBefore(last, found));
}

function best(parts: readonly Part[], isBefore: (a: Part, b: Part) => boolean): Part | undefined {
  return parts.reduce<Part | undefined>((found, part) => (found && !isBefore(part, found) ? found : part), undefined);
}

/** Earlier event, then smaller post id. */
export function comesFirst(a: Pick<Part, 'eventMs' | 'postId'>, b: Pick<Part, 'eventMs' | 'postId'>): boolean {
  return a.eventMs < b.eventMs || (a.eventMs === b.eventMs && a.postId < b.postId);
}

function isLarger(a: Part, b: Part): boolean {
  return a.value > b.value;
}

function keyOf(level: Level, id: string): string {
  return `${level} ${id}`;
}

function isSame(a: Part, b: Part | undefined): boolean {
  return (
    b !== undefined &&
    a.bucket === b.bucket &&
    a.eventMs === b.eventMs &&
    a.postId === b.postId &&
    a.authorId === b.authorId &&
    a.value === b.value
  );
}
