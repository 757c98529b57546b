import { inTurn, type Migration } from './migration.ts';

/** Positions are given apart from publishing: so far the lease held the newest one, and a waiting event could have one. */
export const positions: Migration = {
  does: 'gives events their positions apart from publishing',
  async apply(client) {
    await inTurn(client, SCHEMA);
    await client.write(async (run) => {
      for (const statement of DATA) await run(statement);
    });
  },
};

const SCHEMA: readonly string[] = [
  'CREATE INDEX outbox_positioned IF NOT EXISTS FOR (n:Outbox) ON (n.positionedMs)',
  'CREATE INDEX unpublished_position IF NOT EXISTS FOR (n:Unpublished) ON (n.position)',
  'DROP INDEX outbox_published IF EXISTS',
];

const DATA: readonly string[] = [
  `MATCH (l:Lease {name: 'relay'}) MERGE (s:Sequence {name: 'positions'})
   ON CREATE SET s.value = coalesce(l.lastPosition, 0) DELETE l`,
  'MATCH (o:Waiting) SET o:Unpublished',
  `MATCH (o:Outbox) WHERE o.position IS NOT NULL AND o.positionedMs IS NULL
   SET o.positionedMs = coalesce(o.publishedMs, timestamp()) REMOVE o:Waiting, o.publishedMs`,
];
