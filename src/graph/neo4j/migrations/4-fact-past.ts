import { inTurn, type Migration } from './migration.ts';

/** Retracted facts are kept as they were, for reads as of an earlier time. */
export const factPast: Migration = {
  does: 'keeps what retracted facts were',
  apply: (client) => inTurn(client, SCHEMA),
};

const SCHEMA: readonly string[] = [
  'CREATE CONSTRAINT fact_past_key IF NOT EXISTS FOR (n:FactPast) REQUIRE n.key IS UNIQUE',
  'CREATE INDEX fact_past_head IF NOT EXISTS FOR (n:FactPast) ON (n.headId)',
  'CREATE INDEX fact_past_tail IF NOT EXISTS FOR (n:FactPast) ON (n.tailId)',
  'CREATE INDEX fact_past_expired IF NOT EXISTS FOR (n:FactPast) ON (n.expiredMs)',
];
