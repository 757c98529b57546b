import type { Migration } from './migration.ts';

/** The newest posts are listed without reading the others. */
export const newestPosts: Migration = {
  does: 'keeps live posts in the order of their time',
  apply: (connection) =>
    connection.script("CREATE INDEX post_newest ON post (event_ms DESC, id) WHERE standing = 'live'"),
};
