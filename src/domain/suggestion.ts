import type { Entity } from './graph.ts';

/** Why two entities may be one. */
export type SuggestionKind =
  /** The same normalised name under two types. Score: share of the mentions that the more frequent one has, 0.5 to 1. */
  | 'other_type'
  /** Posts say that one is another name of the other. Score: confidence of that fact. */
  | 'alternate_names'
  /** An account has the one as its handle and the other as its name. Anybody can choose both. */
  | 'handle'
  /** One is the acronym of the other, and of no other entity of its type. */
  | 'acronym'
  /** The words of one are among those of the other, and both have facts with the same third entities. */
  | 'part_of_name'
  /** Another catalogue has one entry for both. */
  | 'external_id';

/** One reason to think that two entities are one. */
export interface SuggestionReason {
  readonly kind: SuggestionKind;
  /** 0 to 1: how far this reason alone goes. */
  readonly score: number;
  /** What was found, for a person to read. */
  readonly detail: string;
}

/** Two entities that may be one, which only a person or a configured score decides. */
export interface MergeSuggestion {
  /** The one that would become part of the other. */
  readonly from: Entity;
  readonly into: Entity;
  /** Noisy-or over the reasons, 0 to 0.99. */
  readonly score: number;
  /** Strongest first. */
  readonly reasons: readonly SuggestionReason[];
}
