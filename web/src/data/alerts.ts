import type { Entity, Fact } from './rows.ts';
import { ask, given, server, type UserError } from './server.ts';

/** A condition on one field of a fact, as the filters of alert rules have it. */
export interface Condition {
  readonly key: string;
  readonly operator: 'eq' | 'not_eq' | 'gte';
  readonly values: readonly (string | number)[];
}

export type Severity = 'INFO' | 'WARNING' | 'CRITICAL';
export type Trigger =
  | 'FACT_CREATED'
  | 'FACT_THRESHOLD'
  | 'FACT_RETRACTED'
  | 'ENTITY_CREATED'
  | 'ENTITY_MENTIONED'
  | 'ENTITY_SPIKE'
  | 'PAIR_SPIKE';

/** A rule that is not made yet. */
export interface RuleInput {
  readonly name: string;
  readonly when: Trigger;
  readonly filter: { readonly filters: readonly Condition[] };
  readonly channels: readonly string[];
  readonly severity: Severity;
  readonly settle?: string;
  readonly throttle?: { readonly per: readonly string[]; readonly every: string };
}

/** A rule that watches. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly severity: Severity | null;
  readonly definition: string;
  readonly origin: 'FILE' | 'API';
  readonly fault: string | null;
}

/** Where alerts can be sent. */
export interface Channel {
  readonly name: string;
  readonly kind: string;
  /** Why nothing is sent there; null while it works. */
  readonly disabledFor: string | null;
}

/** What happened to a link, as an alert tells it. */
export interface ToldEvent {
  readonly kind: string;
  readonly fact: Pick<Fact, 'id' | 'type' | 'confidence' | 'sourceCount'>;
  readonly head: Entity;
  readonly tail: Entity;
}

/** What happened to an entity, as an alert tells it. */
export interface ToldEntity {
  readonly kind: string;
  readonly entity: Entity | null;
  /** What the entity is part of now, or was; of a pair, the other one. */
  readonly other: Entity | null;
  /** How often it was mentioned, where that became unusual. */
  readonly spike: { readonly mentions: number; readonly usual: number } | null;
  /** The post that mentions it. */
  readonly post: {
    readonly text: string;
    readonly author: { readonly id: string; readonly name: string | null };
  } | null;
}

/** What alerts are about. */
export interface Told {
  readonly events: readonly ToldEvent[];
  readonly entityEvents: readonly ToldEntity[];
}

/** What a rule told. */
export interface Alert extends Told {
  readonly id: string;
  readonly ruleId: string;
  readonly rule: string;
  readonly kind: 'FIRED' | 'RESOLVED';
  readonly severity: Severity;
  readonly at: string;
  readonly text: string;
  /** Those of its links that still stand. */
  readonly facts: readonly { readonly id: string }[];
  readonly silencedBy: string | null;
}

/** What keeps alerts from being sent. */
export interface Silence {
  readonly id: string;
  readonly rule: string | null;
  readonly entities: readonly Entity[];
  readonly entityIds: readonly string[];
  readonly endsAt: string;
}

/** What a rule would have told. */
export interface DryRun {
  readonly alertCount: number;
  readonly heldBackCount: number;
  readonly nearMissCount: number;
  readonly eventCount: number;
  readonly isPartial: boolean;
  readonly alerts: readonly (Told & { readonly kind: string; readonly at: string })[];
  readonly judged: readonly {
    readonly event: ToldEvent | null;
    readonly entityEvent: ToldEntity | null;
    readonly fires: boolean;
    readonly heldBack: string | null;
    readonly why: readonly string[];
  }[];
}

const EVENT = 'kind fact { id type confidence sourceCount } head { id name type } tail { id name type }';
const ENTITY_EVENT =
  'kind entity { id name type } other { id name type } spike { mentions usual } post { text author { id name } }';
const ALERT = `id ruleId rule kind severity at text silencedBy facts { id } events { ${EVENT} } entityEvents { ${ENTITY_EVENT} }`;
const ERRORS = 'userErrors { field message code }';

interface Edges<T> {
  readonly edges: readonly { readonly node: T }[];
}

/** The newest alerts, newest first, with the place in their log from which on the others come. */
export async function readAlerts(signal: AbortSignal): Promise<{ alerts: readonly Alert[]; cursor: string }> {
  type Answer = { readonly stats: { readonly alertCursor: string }; readonly alerts: Edges<Alert> };
  // Asked for before the alerts: what fires meanwhile comes twice rather than never.
  const { stats } = await ask<Answer>('{ stats { alertCursor } }', {}, signal);
  const { alerts } = await ask<Answer>(`{ alerts(first: 20) { edges { node { ${ALERT} } } } }`, {}, signal);
  return { alerts: alerts.edges.map((edge) => edge.node), cursor: stats.alertCursor };
}

/** Alerts as they fire, through lost connections; undefined where some were dropped before they could be sent. */
export async function* followAlerts(since: string, signal: AbortSignal): AsyncIterable<Alert | undefined> {
  const query = `subscription ($since: String) { alertFired(since: $since) { cursor gap alert { ${ALERT} } } }`;
  type Data = { readonly alertFired: { readonly gap: boolean; readonly alert: Alert | null } };
  for await (const { alertFired } of server().subscribe<Data, { since: string }>(query, {}, { since, signal })) {
    if (alertFired.gap) yield undefined;
    if (alertFired.alert) yield alertFired.alert;
  }
}

/** Rules, where they can be sent, and what is silenced. */
export interface AlertSettings {
  readonly rules: readonly Rule[];
  readonly channels: readonly Channel[];
  readonly silences: readonly Silence[];
}

/** How alerts are set up. */
export async function readAlertSettings(): Promise<AlertSettings> {
  const query = `{ alertRules(first: 100) { edges { node { id name severity definition origin fault } } }
    alertChannels { name kind disabledFor } alertSilences { id rule entityIds entities { id name type } endsAt } }`;
  type Answer = {
    readonly alertRules: Edges<Rule>;
    readonly alertChannels: readonly Channel[];
    readonly alertSilences: readonly Silence[];
  };
  const { alertRules, alertChannels, alertSilences } = await ask<Answer>(query);
  return { rules: alertRules.edges.map((edge) => edge.node), channels: alertChannels, silences: alertSilences };
}

/** What a rule would have told in the last day. */
export async function tryRule(rule: RuleInput, signal: AbortSignal): Promise<DryRun> {
  const query = `query ($rule: AlertRuleInput) { testAlertRule(rule: $rule, last: "24h", first: 10) { ${ERRORS} test {
    alertCount heldBackCount nearMissCount eventCount isPartial alerts { kind at events { ${EVENT} } entityEvents { ${ENTITY_EVENT} } }
    judged { fires heldBack why event { ${EVENT} } entityEvent { ${ENTITY_EVENT} } } } } }`;
  type Answer = { readonly testAlertRule: { readonly test: DryRun | null; readonly userErrors: readonly UserError[] } };
  const { testAlertRule } = await ask<Answer>(query, { rule }, signal);
  return given(testAlertRule.test, testAlertRule.userErrors);
}

/** Makes a rule: it watches from now on. Gives its id. */
export async function createRule(input: RuleInput): Promise<string> {
  const query = `mutation ($input: AlertRuleInput!) { createAlertRule(input: $input) { rule { id } ${ERRORS} } }`;
  type Answer = {
    readonly createAlertRule: {
      readonly rule: { readonly id: string } | null;
      readonly userErrors: readonly UserError[];
    };
  };
  const { createAlertRule } = await ask<Answer>(query, { input });
  return given(createAlertRule.rule, createAlertRule.userErrors).id;
}

/** Deletes a rule. */
export async function deleteRule(id: string): Promise<void> {
  const query = `mutation ($id: ID!) { deleteAlertRule(id: $id) { ruleId ${ERRORS} } }`;
  type Answer = {
    readonly deleteAlertRule: { readonly ruleId: string | null; readonly userErrors: readonly UserError[] };
  };
  const { deleteAlertRule } = await ask<Answer>(query, { id });
  given(deleteAlertRule.ruleId, deleteAlertRule.userErrors);
}

/** Keeps alerts from being sent until a time. Gives the id of the silence. */
export async function silence(input: {
  readonly rule?: string;
  readonly entities?: readonly string[];
  readonly endsAt: string;
}): Promise<string> {
  const query = `mutation ($input: AlertSilenceInput!) { silenceAlerts(input: $input) { silence { id } ${ERRORS} } }`;
  type Answer = {
    readonly silenceAlerts: {
      readonly silence: { readonly id: string } | null;
      readonly userErrors: readonly UserError[];
    };
  };
  const { silenceAlerts } = await ask<Answer>(query, { input });
  return given(silenceAlerts.silence, silenceAlerts.userErrors).id;
}

/** Ends a silence. */
export async function endSilence(id: string): Promise<void> {
  const query = `mutation ($id: ID!) { endSilence(id: $id) { silenceId ${ERRORS} } }`;
  type Answer = {
    readonly endSilence: { readonly silenceId: string | null; readonly userErrors: readonly UserError[] };
  };
  const answer = await ask<Answer>(query, { id });
  given(answer.endSilence.silenceId, answer.endSilence.userErrors);
}

/** Has a channel that was disabled sent to again. */
export async function enableChannel(channel: string): Promise<void> {
  const query = `mutation ($channel: String!) { enableAlertChannel(channel: $channel) { channel { name } ${ERRORS} } }`;
  type Answer = {
    readonly enableAlertChannel: { readonly channel: object | null; readonly userErrors: readonly UserError[] };
  };
  const { enableAlertChannel } = await ask<Answer>(query, { channel });
  given(enableAlertChannel.channel, enableAlertChannel.userErrors);
}
