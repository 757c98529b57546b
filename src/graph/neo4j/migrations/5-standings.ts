import { inTurn, type Migration } from './migration.ts';

/** So far a post was there or deleted. What is not readable no longer keeps the platform's id of the post. */
export const standings: Migration = {
  does: 'lets posts be hidden and keeps what platforms say about posts and accounts',
  async apply(client) {
    await inTurn(client, SCHEMA);
    await client.write((run) => run(DATA));
  },
};

const SCHEMA: readonly string[] = [
  'CREATE CONSTRAINT marks_id IF NOT EXISTS FOR (n:Marks) REQUIRE n.id IS UNIQUE',
  'CREATE INDEX post_standing IF NOT EXISTS FOR (n:Post) ON (n.standing)',
  'DROP INDEX post_deleted IF EXISTS',
];

const DATA = "MATCH (p:Post) WHERE p.deleted = true SET p.standing = 'deleted', p.nativeId = '' REMOVE p.deleted";
