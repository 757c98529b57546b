/** An entity as the page knows it. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly type: string;
}

/** A fact between two entities. Times are epoch milliseconds. */
export interface Fact {
  readonly id: string;
  readonly type: string;
  readonly headId: string;
  readonly tailId: string;
  readonly confidence: number;
  readonly maxConfidence: number;
  readonly evidenceCount: number;
  readonly sourceCount: number;
  readonly authorCount: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
}

/** A fact with its ends, as it comes from the API. */
export interface Link {
  readonly fact: Fact;
  readonly head: Entity;
  readonly tail: Entity;
}

/** A part of a picture that the model read by itself: its edges, as shares of the width and height. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A picture of a post. */
export interface Picture {
  readonly source: string;
  readonly outcome: string;
  readonly thumbnailUrl: string | null;
  readonly regions: readonly Region[];
}

/** A span of a post's text that names an entity. */
export interface Mention {
  readonly id: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly confidence: number;
  readonly entity: Entity | null;
}

/** A post with what it mentions. */
export interface Post {
  readonly id: string;
  readonly version: string;
  readonly platform: string;
  readonly text: string;
  readonly url: string | null;
  readonly createdAt: string;
  readonly author: { readonly id: string; readonly handle: string | null; readonly name: string | null };
  readonly pictures: readonly Picture[];
  readonly mentions: readonly Mention[];
  readonly skipped: string | null;
}

/** Sizes of the graph, with the cursor of its newest event. */
export interface Stats {
  readonly posts: number;
  readonly entities: number;
  readonly facts: number;
  readonly mentions: number;
  readonly eventCursor: string;
}

/** A change of the graph. */
export interface FactEvent extends Link {
  readonly cursor: string;
  readonly kind: 'CREATED' | 'STRENGTHENED' | 'RETRACTED' | 'MOVED';
  readonly movedFrom: string | null;
  readonly remains: boolean | null;
  readonly gap: boolean;
}
