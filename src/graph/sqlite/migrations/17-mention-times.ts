import type { Migration } from './migration.ts';

/** What is trending counts the mentions of a window of time, without looking at their posts. */
export const mentionTimes: Migration = {
  does: 'makes an index of mentions by time',
  apply: (connection) => connection.script('CREATE INDEX mention_time ON mention (event_ms, entity_id)'),
};
