import { constraints } from './1-constraints.ts';
import { positions } from './2-positions.ts';
import { searchTerms } from './3-search-terms.ts';
import { factPast } from './4-fact-past.ts';
import { standings } from './5-standings.ts';
import { hotFacts } from './6-hot-facts.ts';
import { places } from './7-places.ts';
import { authorPlaces } from './8-author-places.ts';
import { decisions } from './9-decisions.ts';
import { alertDeliveries } from './10-alert-deliveries.ts';
import { newestPosts } from './11-newest-posts.ts';
import { suggestions } from './12-suggestions.ts';
import { alertStates } from './13-alert-states.ts';
import { alertRules } from './14-alert-rules.ts';
import { watched } from './15-watched.ts';
import type { Migration } from './migration.ts';

/** All migrations; the schema version of a database is how many of them it has had. */
export const MIGRATIONS: readonly Migration[] = [
  constraints,
  positions,
  searchTerms,
  factPast,
  standings,
  hotFacts,
  places,
  authorPlaces,
  decisions,
  alertDeliveries,
  newestPosts,
  suggestions,
  alertStates,
  alertRules,
  watched,
];
