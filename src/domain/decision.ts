/** What fixes the id of an entity: the id stands for a type and a normalised name. */
export interface EntityKey {
  readonly id: string;
  readonly type: string;
  readonly normName: string;
}

/** What a person decides about entities and facts. */
export type Ruling =
  /** Everything that is `from` is `into` from now on. */
  | { readonly kind: 'merge'; readonly from: EntityKey; readonly into: EntityKey }
  /** The names of this entity stand for themselves again. */
  | { readonly kind: 'split'; readonly entity: EntityKey }
  /** The fact is wrong, whatever posts say. */
  | { readonly kind: 'reject'; readonly headId: string; readonly type: string; readonly tailId: string }
  /** The two are not one, whatever speaks for it: nothing suggests it again. */
  | { readonly kind: 'distinct'; readonly a: EntityKey; readonly b: EntityKey }
  /** The entity is what another catalogue calls so, `wikidata:Q42` for instance. */
  | { readonly kind: 'identify'; readonly entity: EntityKey; readonly externalId: string }
  /** An earlier decision, which may be such a one itself, counts no more. */
  | { readonly kind: 'undo'; readonly decisionId: string };

/** A ruling as the log keeps it. */
export type Decision = Ruling & {
  /** Deciding the same id again changes nothing. */
  readonly id: string;
  readonly reason: string | null;
  /** System time, epoch milliseconds. */
  readonly atMs: number;
};
