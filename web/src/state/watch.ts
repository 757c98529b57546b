import { signal } from '@preact/signals';
import type { Condition, RuleInput, Severity, Trigger } from '../data/alerts.ts';
import type { Entity, Link } from '../data/rows.ts';
import { counted, percent, relationWords } from '../text/words.ts';
import type { View } from './view.ts';

/** What somebody wants to watch. */
export type Subject =
  /** All that the filters of the page let through. */
  | { readonly kind: 'view' }
  /** Links of one of these entities. */
  | { readonly kind: 'entities'; readonly entities: readonly Entity[] }
  /** Links between the two ends of this one. */
  | { readonly kind: 'link'; readonly link: Link };

/** What is being made into a rule; undefined while nothing is. */
export const watched = signal<Subject | undefined>(undefined);

/** What rules wait for. */
export type Topic = 'links' | 'entities' | 'pairs';

/** A condition of a rule, in words, and whether it counts. */
export interface DraftCondition {
  readonly words: string;
  readonly condition: Condition;
  readonly about: Topic;
  readonly isOn: boolean;
}

/** A rule as far as it is made. */
export interface Draft {
  readonly name: string;
  readonly when: Trigger;
  readonly conditions: readonly DraftCondition[];
  readonly severity: Severity;
  readonly channels: readonly string[];
  /** How long a link waits before it is told; empty for not at all. */
  readonly settle: string;
  /** Time in which one alert is sent for the same two ends; empty for every time. */
  readonly every: string;
}

/** What a rule with this trigger waits for. */
export function topicOf(when: Trigger): Topic {
  if (when.startsWith('PAIR_')) return 'pairs';
  return when.startsWith('ENTITY_') ? 'entities' : 'links';
}

/** What one alert is sent of within a time. */
const PARTS: Readonly<Record<Topic, readonly string[]>> = {
  links: ['HEAD', 'TAIL', 'TYPE'],
  entities: ['ENTITY'],
  pairs: ['PAIR'],
};

/** What a rule about a subject can wait for. */
export function triggersFor(subject: Subject): readonly Trigger[] {
  const links = ['FACT_CREATED', 'FACT_THRESHOLD', 'FACT_RETRACTED'] as const;
  switch (subject.kind) {
    case 'view':
      return [...links, 'ENTITY_CREATED'];
    // Those that are there already do not appear any more.
    case 'entities':
      return ['FACT_CREATED', 'ENTITY_MENTIONED', 'ENTITY_SPIKE', 'FACT_THRESHOLD', 'FACT_RETRACTED'];
    default:
      return [...links, 'PAIR_SPIKE'];
  }
}

/** The conditions that count for what a draft waits for, with their places among all. */
export function conditionsFor({ when, conditions }: Draft): readonly (DraftCondition & { readonly place: number })[] {
  const about = topicOf(when);
  return conditions.map((one, place) => ({ ...one, place })).filter((one) => one.about === about);
}

/** A rule that watches a subject as the page shows it. */
export function draftOf(subject: Subject, view: View): Draft {
  const conditions = [...conditionsOf(subject), ...filtersOf(view).map((one) => ({ ...one, isOn: true }))];
  const rest = { when: 'FACT_CREATED', severity: 'WARNING', channels: [], settle: '', every: '' } as const;
  return { name: nameOf(subject), conditions, ...rest };
}

/** The rule that a draft stands for. */
export function ruleOf(draft: Draft): RuleInput {
  const { name, when, severity, channels, settle, every } = draft;
  const about = topicOf(when);
  return {
    name: name.trim(),
    when,
    filter: {
      filters: conditionsFor(draft)
        .filter(({ isOn }) => isOn)
        .map(({ condition }) => condition),
    },
    channels,
    severity,
    // Of an entity or a pair nothing gathers meanwhile.
    ...(settle !== '' && about === 'links' && { settle }),
    ...(every !== '' && { throttle: { per: PARTS[about], every } }),
  };
}

/** Longest name of a rule. */
const MAX_NAME = 100;

function nameOf(subject: Subject): string {
  return Array.from(plainNameOf(subject)).slice(0, MAX_NAME).join('');
}

function plainNameOf(subject: Subject): string {
  if (subject.kind === 'view') return 'What is shown';
  if (subject.kind === 'link') return `${subject.link.head.name} and ${subject.link.tail.name}`;
  const [first, ...others] = subject.entities.map(({ name }) => name);
  return `News of ${first ?? ''}${others.length > 0 ? ` and ${counted(others.length, 'other')}` : ''}`;
}

type Worded = Omit<DraftCondition, 'isOn'>;

function conditionsOf(subject: Subject): readonly DraftCondition[] {
  if (subject.kind === 'view') return [];
  if (subject.kind === 'link') {
    const { head, tail } = subject.link;
    const condition: Condition = { key: 'both.id', operator: 'eq', values: [head.id, tail.id] };
    const between = { words: `between ${head.name} and ${tail.name}`, condition, isOn: true };
    return [
      { ...between, about: 'links' },
      { ...between, about: 'pairs' },
    ];
  }
  const values = subject.entities.map(({ id }) => id);
  const names = subject.entities.map(({ name }) => name).join(', ');
  const of: DraftCondition = {
    words: `of ${names}`,
    condition: { key: 'either.id', operator: 'eq', values },
    about: 'links',
    isOn: true,
  };
  const named: DraftCondition = {
    words: names,
    condition: { key: 'entity.id', operator: 'eq', values },
    about: 'entities',
    isOn: true,
  };
  if (values.length < 2) return [of, named];
  const both: Condition = { key: 'both.id', operator: 'eq', values };
  return [of, { ...of, words: 'only among them', condition: both, isOn: false }, named];
}

/** What the filters of the page say, as far as a rule can say it. */
function filtersOf({ minConfidence, minSources, offTypes, offRelations, hidden }: View): readonly Worded[] {
  const filters: Worded[] = [];
  const not = (words: string, key: string, values: readonly string[]) => {
    const about = key.startsWith('entity.') ? 'entities' : 'links';
    if (values.length > 0) filters.push({ words, condition: { key, operator: 'not_eq', values }, about });
  };
  if (minConfidence > 0) {
    const condition: Condition = { key: 'confidence', operator: 'gte', values: [minConfidence] };
    filters.push({ words: `at least ${percent(minConfidence)} sure`, condition, about: 'links' });
  }
  if (minSources > 1) {
    const condition: Condition = { key: 'sourceCount', operator: 'gte', values: [minSources] };
    filters.push({ words: `from ${counted(minSources, 'independent source')} or more`, condition, about: 'links' });
  }
  not(`not “${offRelations.map(relationWords).join('”, “')}”`, 'relation.type', offRelations);
  not(`not from ${offTypes.join(', ')}`, 'head.type', offTypes);
  not(`not to ${offTypes.join(', ')}`, 'tail.type', offTypes);
  not(`of another type than ${offTypes.join(', ')}`, 'entity.type', offTypes);
  not(`not from ${counted(hidden.length, 'hidden entity', 'hidden entities')}`, 'head.id', hidden);
  not(`not to ${counted(hidden.length, 'hidden entity', 'hidden entities')}`, 'tail.id', hidden);
  return filters;
}
