/** Whose a post is, as far as its source has seen. */
export interface PostOwner {
  /** Id of the author. */
  readonly author: string;
  /** Id under which the post is known, where one of its versions has an id of its own. */
  readonly post?: string;
}

/** Remembers the owners of recent posts: deletions that name no author, or only a version, are completed from it. */
export interface PostOwners {
  /** Remembers the owner of an id as the platform gives it. */
  remember(id: string, owner: PostOwner): void;
  /** The owner of an id, undefined when it was never seen or is forgotten. */
  find(id: string): PostOwner | undefined;
}
