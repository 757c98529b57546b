import { tables } from './1-tables.ts';
import { positions } from './2-positions.ts';
import { searchTerms } from './3-search-terms.ts';
import { factPast } from './4-fact-past.ts';
import { standings } from './5-standings.ts';
import { hotFacts } from './6-hot-facts.ts';
import { lists } from './7-lists.ts';
import { decisions } from './8-decisions.ts';
import { alertDeliveries } from './9-alert-deliveries.ts';
import { newestPosts } from './10-newest-posts.ts';
import { suggestions } from './11-suggestions.ts';
import { alertStates } from './12-alert-states.ts';
import { alertRules } from './13-alert-rules.ts';
import { watched } from './14-watched.ts';
import { pictureRegions } from './15-picture-regions.ts';
import { watchedSince } from './16-watched-since.ts';
import { mentionTimes } from './17-mention-times.ts';
import type { Migration } from './migration.ts';

/** All migrations; the schema version of a database is how many of them it has had. */
export const MIGRATIONS: readonly Migration[] = [
  tables,
  positions,
  searchTerms,
  factPast,
  standings,
  hotFacts,
  lists,
  decisions,
  alertDeliveries,
  newestPosts,
  suggestions,
  alertStates,
  alertRules,
  watched,
  pictureRegions,
  watchedSince,
  mentionTimes,
];
