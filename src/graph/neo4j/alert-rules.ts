import type { DisabledChannel, RuleBookChange, Silence, StoredRule, StoredRuleBook } from '../alert-rules.ts';
import { forRows, integer, type Neo4jClient } from './client.ts';

/** See `AlertRuleStore.ruleBook`. */
export async function ruleBook(client: Neo4jClient): Promise<StoredRuleBook> {
  // A statement sees what others commit while it runs, so what was read counts only where the revision stands still around it.
  for (;;) {
    const revision = await rulesRevision(client);
    const [rules, silences, channels] = await Promise.all([
      client.read<{ value: string }>('MATCH (n:AlertRule) RETURN n.value AS value'),
      client.read<{ value: string }>('MATCH (n:AlertSilence) RETURN n.value AS value'),
      client.read<{ value: string }>('MATCH (n:AlertChannel) RETURN n.value AS value'),
    ]);
    if ((await rulesRevision(client)) !== revision) continue;
    return {
      revision,
      rules: rules.map(({ value }) => JSON.parse(value) as StoredRule),
      silences: silences.map(({ value }) => JSON.parse(value) as Silence),
      disabledChannels: channels.map(({ value }) => JSON.parse(value) as DisabledChannel),
    };
  }
}

async function rulesRevision(client: Neo4jClient): Promise<number> {
  const [found] = await client.read<{ revision: number }>(
    "MATCH (s:Sequence {name: 'alerts'}) RETURN coalesce(s.rulesRevision, 0) AS revision",
  );
  return found?.revision ?? 0;
}

/** See `AlertRuleStore.changeRules`; the node of the sequence is the lock. */
export function changeRules(client: Neo4jClient, change: RuleBookChange): Promise<boolean> {
  const { putRules = [], removedRules = [], putSilences = [], removedSilences = [] } = change;
  const { disabledChannels = [], enabledChannels = [] } = change;
  return client.write(async (run) => {
    const [found] = await run<{ revision: number }>(
      `MERGE (s:Sequence {name: 'alerts'}) SET s.lock = true RETURN coalesce(s.rulesRevision, 0) AS revision`,
    );
    if (found?.revision !== change.revision) return false;
    await run(
      `MATCH (s:Sequence {name: 'alerts'})
       SET s.revision = coalesce(s.revision, 0) + $one, s.rulesRevision = coalesce(s.revision, 0) + $one`,
      { one: integer(1) },
    );
    await forRows(run, 'UNWIND $rows AS name MATCH (n:AlertRule {name: name}) DELETE n', removedRules);
    await forRows(run, 'UNWIND $rows AS name MATCH (n:AlertState {rule: name}) DELETE n', removedRules);
    const rules = putRules.map((rule) => ({ name: rule.name, value: JSON.stringify(rule) }));
    await forRows(run, 'UNWIND $rows AS row MERGE (n:AlertRule {name: row.name}) SET n = row', rules);
    await forRows(run, 'UNWIND $rows AS id MATCH (n:AlertSilence {id: id}) DELETE n', removedSilences);
    const silences = putSilences.map((silence) => ({ id: silence.id, value: JSON.stringify(silence) }));
    await forRows(run, 'UNWIND $rows AS row MERGE (n:AlertSilence {id: row.id}) SET n = row', silences);
    await forRows(run, 'UNWIND $rows AS name MATCH (n:AlertChannel {channel: name}) DELETE n', enabledChannels);
    const channels = disabledChannels.map((one) => ({ channel: one.channel, value: JSON.stringify(one) }));
    await forRows(run, 'UNWIND $rows AS row MERGE (n:AlertChannel {channel: row.channel}) SET n = row', channels);
    return true;
  });
}
