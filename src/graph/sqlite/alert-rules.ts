import type { DisabledChannel, RuleBookChange, Silence, StoredRule, StoredRuleBook } from '../alert-rules.ts';
import { alertHead, setMeta } from './alerts.ts';
import type { Connection } from './connection.ts';

/** See `AlertRuleStore.ruleBook`; one statement, so that all it reads is of one moment. */
export function ruleBook(connection: Connection): StoredRuleBook {
  const rows = connection.all<{ kind: string; value: string }>(
    `SELECT 'rule' AS kind, value FROM alert_rule
     UNION ALL SELECT 'silence', value FROM alert_silence
     UNION ALL SELECT 'channel', value FROM alert_channel
     UNION ALL SELECT 'revision', value FROM meta WHERE name = 'alert_rules_revision'`,
  );
  const read = <T>(kind: string) => rows.filter((row) => row.kind === kind).map(({ value }) => JSON.parse(value) as T);
  const [revision = 0] = read<number>('revision');
  return {
    revision,
    rules: read<StoredRule>('rule'),
    silences: read<Silence>('silence'),
    disabledChannels: read<DisabledChannel>('channel'),
  };
}

/** See `AlertRuleStore.changeRules`; the write lock of the transaction keeps two processes apart. */
export function changeRules(connection: Connection, change: RuleBookChange): boolean {
  const { putRules = [], removedRules = [], putSilences = [], removedSilences = [] } = change;
  const { disabledChannels = [], enabledChannels = [] } = change;
  return connection.transaction(() => {
    const { revision, rulesRevision } = alertHead(connection);
    if (rulesRevision !== change.revision) return false;
    setMeta(connection, 'alert_revision', revision + 1);
    setMeta(connection, 'alert_rules_revision', revision + 1);
    for (const name of removedRules) {
      connection.run('DELETE FROM alert_rule WHERE name = ?', name);
      connection.run('DELETE FROM alert_state WHERE rule = ?', name);
    }
    for (const rule of putRules)
      connection.run('INSERT OR REPLACE INTO alert_rule VALUES (?, ?)', rule.name, JSON.stringify(rule));
    for (const id of removedSilences) connection.run('DELETE FROM alert_silence WHERE id = ?', id);
    for (const silence of putSilences)
      connection.run('INSERT OR REPLACE INTO alert_silence VALUES (?, ?)', silence.id, JSON.stringify(silence));
    for (const name of enabledChannels) connection.run('DELETE FROM alert_channel WHERE channel = ?', name);
    for (const one of disabledChannels)
      connection.run('INSERT OR REPLACE INTO alert_channel VALUES (?, ?)', one.channel, JSON.stringify(one));
    return true;
  });
}
