import { LRUCache } from 'lru-cache';
import type { PostOwner, PostOwners } from '../formats/post-owners.ts';

/** Owners of the posts seen last, a bounded number of them. */
export class LruPostOwners implements PostOwners {
  readonly #cache: LRUCache<string, PostOwner>;
  #changed = false;

  constructor(max: number, entries: readonly (readonly [string, PostOwner])[] = []) {
    this.#cache = new LRUCache({ max });
    for (const [id, owner] of entries) this.#cache.set(id, owner);
  }

  /** True when something was remembered since the last call of `entries`. */
  get changed(): boolean {
    return this.#changed;
  }

  remember(id: string, owner: PostOwner): void {
    this.#cache.set(id, owner);
    this.#changed = true;
  }

  find(id: string): PostOwner | undefined {
    return this.#cache.get(id);
  }

  /** What is remembered, oldest first. */
  entries(): readonly (readonly [string, PostOwner])[] {
    this.#changed = false;
    return [...this.#cache.rentries()] as [string, PostOwner][];
  }
}
