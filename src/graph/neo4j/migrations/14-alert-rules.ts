import { integer, type Neo4jClient, type Run } from '../client.ts';
import { inTurn, type Migration } from './migration.ts';

/** Rules and silences that are made over the API, and channels that do not work; alerts are listed by rule. */
export const alertRules: Migration = {
  does: 'makes the constraints and indexes of alert rules, silences and disabled channels',
  apply: async (client) => {
    await inTurn(client, [
      'CREATE CONSTRAINT alert_rule_name IF NOT EXISTS FOR (n:AlertRule) REQUIRE n.name IS UNIQUE',
      'CREATE CONSTRAINT alert_silence_id IF NOT EXISTS FOR (n:AlertSilence) REQUIRE n.id IS UNIQUE',
      'CREATE CONSTRAINT alert_channel_name IF NOT EXISTS FOR (n:AlertChannel) REQUIRE n.channel IS UNIQUE',
      'CREATE INDEX alert_rule_place IF NOT EXISTS FOR (n:Alert) ON (n.rule, n.place)',
      'CREATE INDEX alert_state_rule IF NOT EXISTS FOR (n:AlertState) ON (n.rule)',
    ]);
    await nameRules(client);
  },
};

const ROWS_PER_WRITE = 1_000;

/** What an alert says of its rule was only in its value. */
async function nameRules(client: Neo4jClient): Promise<void> {
  const part = async (run: Run): Promise<number> => {
    const found = await run<{ id: string; value: string }>(
      'MATCH (a:Alert) WHERE a.rule IS NULL RETURN a.id AS id, a.value AS value LIMIT $limit',
      { limit: integer(ROWS_PER_WRITE) },
    );
    const rows = found.map(({ id, value }) => ({ id, rule: (JSON.parse(value) as { rule: string }).rule }));
    await run('UNWIND $rows AS row MATCH (a:Alert {id: row.id}) SET a.rule = row.rule', { rows });
    return rows.length;
  };
  while ((await client.write(part)) === ROWS_PER_WRITE);
}
