import { entitiesIn, type FactEvent, type GraphEvent, isFactEvent } from '../../src/domain/graph.ts';

/** A rule as the model knows it; times in seconds. */
export interface ModelRule {
  readonly name: string;
  readonly when:
    | 'created'
    | 'retracted'
    | 'entity.created'
    | 'entity.mentioned'
    | 'entity.merged'
    | 'entity.spike'
    | 'pair.spike';
  /** Of a spike by ratio: seconds of a bucket, buckets before it, and how many times those and mentions it takes. */
  readonly spike?: {
    readonly bucket: number;
    readonly buckets: number;
    readonly times: number;
    readonly least: number;
  };
  readonly minSources?: number;
  readonly settle?: number;
  /** Of the pair; of an entity, of that. */
  readonly novelPair?: number;
  /** Of an entity, by that. */
  readonly throttlePerHead?: number;
  readonly maxPerHour?: number;
  /** Groups by head; entities by type. */
  readonly group?: { readonly wait: number; readonly interval: number };
}

/** What is not sent, and when. */
export interface ModelSilence {
  /** Without one, of every rule. */
  readonly rule?: string;
  /** Without any, of everything. */
  readonly entities: readonly string[];
  readonly startMs: number;
  readonly endMs: number;
}

/** All that the model goes by beside the rule. */
export interface ModelHistory {
  readonly events: readonly GraphEvent[];
  readonly silences: readonly ModelSilence[];
  readonly endMs: number;
  readonly maxAgeMs: number;
  /** Position of the last event that the rule was not there for. */
  readonly after?: number;
}

/** An alert as the model tells it: `Rule fired 1200 fact_a fact_b`. */
export type ModelAlert = string;

interface Waiting {
  readonly event: GraphEvent;
  readonly ready: number;
}

/**
 * All alerts that a rule must send, worked out second by second from the whole history: slow, plain, and without a line in
 * common with the service.
 */
export function modelAlerts(
  rule: ModelRule,
  { events, silences, endMs, maxAgeMs, after = 0 }: ModelHistory,
): ModelAlert[] {
  const alerts: ModelAlert[] = [];
  const waiting = new Map<string, Waiting>();
  const told = new Map<string, 'grouped' | 'fired' | 'silent'>();
  const seen = new Map<string, number>();
  const sent = new Map<string, number>();
  const hours = new Map<number, number>();
  const entityOf = new Map<string, string>();
  const groups = new Map<string, { facts: string[]; ready: number; last: number }>();
  const start = Math.floor((events[0]?.atMs ?? endMs) / 1000);
  const sources = (event: FactEvent) =>
    event.kind === 'fact.retracted' ? (event.before?.sourceCount ?? 0) : event.fact.sourceCount;

  const entitiesOf = new Map<string, readonly string[]>();
  const isSilent = (fact: string, now: number) =>
    silences.some(
      (one) =>
        (one.rule ?? rule.name) === rule.name &&
        now * 1000 >= one.startMs &&
        now * 1000 < one.endMs &&
        (one.entities.length === 0 || one.entities.some((id) => entitiesOf.get(fact)?.includes(id))),
    );
  const drop = (fact: string) => {
    if (rule.when !== 'created') told.delete(fact);
    else told.set(fact, 'silent');
  };
  const send = (all: readonly string[], now: number) => {
    for (const fact of all.filter((one) => isSilent(one, now))) drop(fact);
    const facts = all.filter((one) => !isSilent(one, now));
    if (facts.length === 0) return;
    const hour = Math.floor(now / 3600);
    const before = hours.get(hour) ?? 0;
    const isTooMany = before >= (rule.maxPerHour ?? Number.POSITIVE_INFINITY);
    if (!isTooMany) {
      hours.set(hour, before + 1);
      alerts.push([rule.name, 'fired', now, ...facts.map((fact) => entityOf.get(fact) ?? fact).sort()].join(' '));
    }
    for (const fact of facts) {
      if (rule.when !== 'created') told.delete(fact);
      else told.set(fact, isTooMany ? 'silent' : 'fired');
    }
  };
  const ripen = (fact: string, { event }: Waiting, now: number) => {
    waiting.delete(fact);
    entitiesOf.set(fact, entitiesIn(event));
    const { pair, head: headId, lot } = commonOf(event);
    const lastSeen = seen.get(pair);
    seen.set(pair, now);
    const isOld = rule.novelPair !== undefined && lastSeen !== undefined && now < lastSeen + rule.novelPair;
    const isKnown = isOld || isSilent(fact, now);
    const lastSent = sent.get(headId);
    const isBusy =
      rule.throttlePerHead !== undefined && lastSent !== undefined && now < lastSent + rule.throttlePerHead;
    if (isKnown || isBusy) {
      if (rule.when === 'created') drop(fact);
      return;
    }
    sent.set(headId, now);
    if (!rule.group) return send([fact], now);
    const group = groups.get(lot) ?? { facts: [], ready: 0, last: Number.NEGATIVE_INFINITY };
    if (group.facts.length === 0) group.ready = Math.max(now + rule.group.wait, group.last + rule.group.interval);
    group.facts.push(fact);
    groups.set(lot, group);
    told.set(fact, 'grouped');
  };
  const hearEntity = (event: GraphEvent, now: number) => {
    if (isFactEvent(event)) return;
    const isAboutMentions = rule.when === 'entity.mentioned';
    const id = isAboutMentions ? event.key : event.entity.id;
    entityOf.set(id, event.entity.id);
    if (event.kind === (rule.when === 'entity.created' ? 'entity.merged' : 'entity.split')) {
      for (const group of groups.values()) group.facts = group.facts.filter((one) => one !== id);
      told.delete(id);
    }
    const isOld = event.kind !== 'entity.merged' && (event.seenMs ?? 0) < event.atMs - maxAgeMs;
    if (event.kind !== rule.when || told.has(id) || isOld) return;
    ripen(id, { event, ready: now }, now);
  };
  const mentions = new Map<string, number[]>();
  const begun = new Map<string, number>();
  const spikes = new Map<string, number>();
  const hearMention = (event: GraphEvent, now: number, spike: NonNullable<ModelRule['spike']>) => {
    if (isFactEvent(event)) return;
    const ids = entitiesIn(event);
    if (event.kind === 'entity.merged' || event.kind === 'entity.split')
      for (const id of ids) begun.set(id, now * 1000);
    const isOld = (event.seenMs ?? 0) < event.atMs - maxAgeMs;
    if (event.kind !== (rule.when === 'pair.spike' ? 'pair.mentioned' : 'entity.mentioned') || isOld) return;
    const subject = ids.join();
    const stepMs = (spike.bucket / 6) * 1000;
    const all = mentions.get(subject) ?? [];
    mentions.set(subject, [...all, Math.floor(Math.min(event.seenMs ?? 0, event.atMs) / stepMs)]);
    const steps = mentions.get(subject) ?? [];
    const last = Math.max(...steps);
    const first = last - 6 * (spike.buckets + 1) + 1;
    const inNewest = steps.filter((step) => step > last - 6).length;
    const before = steps.filter((step) => step >= first && step <= last - 6).length;
    const heardSince = events.find(({ position }) => position > after)?.atMs ?? 0;
    const knownSince = Math.max(heardSince, event.watchedMs ?? 0, ...ids.map((id) => begun.get(id) ?? 0));
    const isMuch = inNewest >= spike.least && inNewest / Math.max(before / spike.buckets, 1) >= spike.times;
    if (!isMuch || first * stepMs < knownSince) return;
    const lastAbove = spikes.get(subject) ?? Number.NEGATIVE_INFINITY;
    spikes.set(subject, Math.max(lastAbove, event.seenMs ?? 0));
    if ((event.seenMs ?? 0) - lastAbove < spike.bucket * 1000) return;
    entityOf.set(event.key, event.entity.id);
    ripen(event.key, { event, ready: now }, now);
  };
  const hear = (event: GraphEvent, now: number) => {
    if (rule.spike) return hearMention(event, now, rule.spike);
    if (rule.when.startsWith('entity.')) return hearEntity(event, now);
    if (!isFactEvent(event)) return;
    const { id } = event.fact;
    const holds = sources(event) >= (rule.minSources ?? 0);
    const isRetraction = event.kind === 'fact.retracted';
    if (rule.when === 'retracted' && !isRetraction) waiting.delete(id);
    if (rule.when === 'created' && isRetraction) {
      entitiesOf.set(id, entitiesIn(event));
      if (told.get(id) === 'fired' && !isSilent(id, now)) alerts.push([rule.name, 'resolved', now, id].join(' '));
      for (const group of groups.values()) group.facts = group.facts.filter((fact) => fact !== id);
      waiting.delete(id);
      told.delete(id);
    }
    if ((rule.when === 'retracted') !== isRetraction || !holds || waiting.has(id) || told.has(id)) return;
    if (event.kind === 'fact.strengthened') {
      const before = event.before?.sourceCount ?? 0;
      if (rule.minSources === undefined || before >= rule.minSources) return;
    }
    if (!isRetraction && event.fact.lastSeenMs < event.atMs - maxAgeMs) return;
    const one = { event, ready: now + (rule.settle ?? 0) };
    waiting.set(id, one);
    if (one.ready === now) ripen(id, one, now);
  };

  let next = 0;
  for (let now = start; now <= Math.floor(endMs / 1000); now++) {
    const ripe = [...waiting].filter(([, { ready }]) => ready <= now).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [fact, one] of ripe) ripen(fact, one, now);
    for (const [, group] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (group.facts.length === 0 || group.ready > now) continue;
      const { facts } = group;
      group.facts = [];
      group.last = now;
      send(facts, now);
    }
    for (; (events[next]?.atMs ?? Number.POSITIVE_INFINITY) <= now * 1000; next++)
      if ((events[next]?.position ?? 0) > after) hear(events[next] as GraphEvent, now);
  }
  return alerts;
}

function commonOf(event: GraphEvent): { readonly pair: string; readonly head: string; readonly lot: string } {
  if (!isFactEvent(event)) return { pair: event.entity.id, head: event.entity.id, lot: event.entity.type };
  const { headId, tailId } = event.fact;
  return { pair: [headId, tailId].sort().join(), head: headId, lot: headId };
}
