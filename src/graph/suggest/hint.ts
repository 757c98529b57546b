import type { Entity } from '../../domain/graph.ts';
import type { SuggestionReason } from '../../domain/suggestion.ts';

/** Another entity that may be the same one, for one reason. */
export interface Hint {
  readonly other: Entity;
  readonly reason: SuggestionReason;
  /** The one that has the fuller name, where the reason knows it. */
  readonly fuller?: Entity;
}
