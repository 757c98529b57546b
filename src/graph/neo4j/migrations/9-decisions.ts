import { inTurn, type Migration } from './migration.ts';

/** What people decide about entities and facts. Of evidence stored so far it is not known whether its relation has a direction. */
export const decisions: Migration = {
  does: 'lets entities be merged and split and facts be rejected',
  apply: (client) => inTurn(client, SCHEMA),
};

const SCHEMA: readonly string[] = [
  'CREATE CONSTRAINT decision_id IF NOT EXISTS FOR (n:Decision) REQUIRE n.id IS UNIQUE',
  'CREATE CONSTRAINT redirect_surface IF NOT EXISTS FOR (n:Redirect) REQUIRE n.surfaceId IS UNIQUE',
  'CREATE CONSTRAINT rejected_fact IF NOT EXISTS FOR (n:Rejected) REQUIRE n.factId IS UNIQUE',
  'CREATE CONSTRAINT gate_number IF NOT EXISTS FOR (n:Gate) REQUIRE n.number IS UNIQUE',
  'CREATE INDEX redirect_name IF NOT EXISTS FOR (n:Redirect) ON (n.surfaceNormName)',
];
