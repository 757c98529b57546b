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
] as const;

/** What a group or a throttle can be by. */
export const RULE_PARTS = ['rule', 'head', 'tail', 'type', 'entity'] as const;

type Trigger = (typeof TRIGGERS)[number];
type Part = (typeof RULE_PARTS)[number];

const FACT_PARTS: readonly Part[] = ['rule', 'head', 'tail', 'type'];
const ENTITY_PARTS: readonly Part[] = ['rule', 'entity', 'type'];

/** A rule as it is written, as far as it depends on the trigger what it may say. */
interface WrittenRule {
  readonly when: Trigger;
  readonly filter: FilterGroup;
  readonly settle: number;
  readonly template?: string | undefined;
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
  return when.startsWith('entity.') ? 'entity' : 'fact';
}

/** What a rule says that its trigger does not have, or does not say that it needs. */
export function misfits(rule: WrittenRule): readonly Misfit[] {
  const { when, filter, template } = rule;
  const topic = topicOf(when);
  const fault = template === undefined ? undefined : templateFault(template, topic);
  const gate = 'fact.threshold needs a filter on a number that grows, such as confidence or sourceCount';
  return [
    ...(when === 'fact.threshold' && !hasGate(filter) ? [{ path: ['when'], message: gate }] : []),
    ...strangeKeys(filter, topic).map(({ path, message }) => ({ path: ['filter', ...path], message })),
    ...(fault === undefined ? [] : [{ path: ['template'], message: fault }]),
    ...strangeParts(['group', 'by'], rule.group?.by ?? [], topic),
    ...strangeParts(['throttle', 'per'], rule.throttle?.per ?? [], topic),
    ...(topic === 'fact' ? [] : unfitRestraints(rule)),
  ];
}

function strangeParts(path: readonly string[], parts: readonly Part[], topic: FilterTopic): readonly Misfit[] {
  const known = topic === 'fact' ? FACT_PARTS : ENTITY_PARTS;
  return parts.flatMap((part, index) => {
    const message = `what this rule is about has no "${part}"; expected ${known.join(', ')}`;
    return known.includes(part) ? [] : [{ path: [...path, index], message }];
  });
}

/** Nothing gathers for an entity while one waits, and it has no link and no pair. */
function unfitRestraints({ settle, novelty }: WrittenRule): readonly Misfit[] {
  const settling = 'a rule about entities cannot settle: nothing gathers meanwhile; leave this out';
  const newness = `a rule about entities cannot ask for a new ${novelty?.of}; expected entity`;
  return [
    ...(settle > 0 ? [{ path: ['settle'], message: settling }] : []),
    ...(novelty && novelty.of !== 'entity' ? [{ path: ['novelty', 'of'], message: newness }] : []),
  ];
}
