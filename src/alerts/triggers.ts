import { type FilterGroup, type FilterTopic, hasGate, strangeKeys } from '../domain/filter.ts';
import { templateFault } from './template.ts';

/** What a rule can wait for. */
export const TRIGGERS = [
  'fact.created',
  'fact.threshold',
  'fact.retracted',
  'entity.created',
  'entity.mentioned',
  'entity.merged',
  'entity.spike',
  'pair.spike',
] as const;

/** What a group or a throttle can be by. */
export const RULE_PARTS = ['rule', 'head', 'tail', 'type', 'entity', 'pair'] as const;

type Trigger = (typeof TRIGGERS)[number];
type Part = (typeof RULE_PARTS)[number];

const ENTITY_PARTS: readonly Part[] = ['rule', 'entity', 'type'];
const TOPIC_PARTS: Readonly<Record<FilterTopic, readonly Part[]>> = {
  fact: ['rule', 'head', 'tail', 'type'],
  entity: ENTITY_PARTS,
  merge: ENTITY_PARTS,
  pair: ['rule', 'pair'],
};

/** A rule as it is written, as far as it depends on the trigger what it may say. */
interface WrittenRule {
  readonly when: Trigger;
  readonly filter: FilterGroup;
  readonly settle: number;
  readonly template?: string | undefined;
  readonly spike?: unknown;
  readonly novelty?: { readonly of: string } | undefined;
  readonly group?: { readonly by: readonly Part[] } | undefined;
  readonly throttle?: { readonly per: readonly Part[] } | undefined;
}

/** What is wrong, and where. */
interface Misfit {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What a rule is about: it decides which fields its filter and its template can name. */
export function topicOf(when: Trigger): FilterTopic {
  if (when === 'entity.merged') return 'merge';
  if (when === 'pair.spike') return 'pair';
  return when.startsWith('entity.') ? 'entity' : 'fact';
}

/** True for a trigger that counts mentions. */
export function isSpike(when: Trigger): boolean {
  return when === 'entity.spike' || when === 'pair.spike';
}

/** True for a trigger that hears of mentions: its rule has to say of whom. */
export function hearsMentions(when: Trigger): boolean {
  return when === 'entity.mentioned' || isSpike(when);
}

/** The kind of event that a rule about entities judges. */
export function heardKind(when: Trigger): string {
  if (when === 'entity.spike') return 'entity.mentioned';
  return when === 'pair.spike' ? 'pair.mentioned' : when;
}

/** What a rule says that its trigger does not have, or does not say that it needs. */
export function misfits(rule: WrittenRule): readonly Misfit[] {
  const { when, filter, template } = rule;
  const topic = topicOf(when);
  const fault = template === undefined ? undefined : templateFault(template, topic, isSpike(when));
  const uncounted = `${when} counts nothing; leave this out, or wait for entity.spike or pair.spike`;
  const gate = 'fact.threshold needs a filter on a number that grows, such as confidence or sourceCount';
  return [
    ...(when === 'fact.threshold' && !hasGate(filter) ? [{ path: ['when'], message: gate }] : []),
    ...strangeKeys(filter, topic).map(({ path, message }) => ({ path: ['filter', ...path], message })),
    ...(fault === undefined ? [] : [{ path: ['template'], message: fault }]),
    ...strangeParts(['group', 'by'], rule.group?.by ?? [], topic),
    ...strangeParts(['throttle', 'per'], rule.throttle?.per ?? [], topic),
    ...(topic === 'fact' ? [] : unfitRestraints(rule, topic)),
    ...(rule.spike === undefined || isSpike(when) ? [] : [{ path: ['spike'], message: uncounted }]),
  ];
}

function strangeParts(path: readonly string[], parts: readonly Part[], topic: FilterTopic): readonly Misfit[] {
  const known = TOPIC_PARTS[topic];
  return parts.flatMap((part, index) => {
    const message = `what this rule is about has no "${part}"; expected ${known.join(', ')}`;
    return known.includes(part) ? [] : [{ path: [...path, index], message }];
  });
}

/** Nothing gathers for an entity or a pair while one waits, and neither is a link. */
function unfitRestraints({ settle, novelty }: WrittenRule, topic: FilterTopic): readonly Misfit[] {
  const [about, fit] = topic === 'pair' ? ['pairs', 'pair'] : ['entities', 'entity'];
  const settling = `a rule about ${about} cannot settle: nothing gathers meanwhile; leave this out`;
  const newness = `a rule about ${about} cannot ask for a new ${novelty?.of}; expected ${fit}`;
  return [
    ...(settle > 0 ? [{ path: ['settle'], message: settling }] : []),
    ...(novelty && novelty.of !== fit ? [{ path: ['novelty', 'of'], message: newness }] : []),
  ];
}
