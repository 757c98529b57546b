import type { FilterTopic } from '../domain/filter.ts';

/** What fills the fields of a template. */
export type TemplateValues = Readonly<Record<string, string | number>>;

const COMMON = ['rule', 'severity', 'event'];
const ENTITY = ['entity.name', 'entity.type'];
const SPIKE = ['mentions', 'usual'];
const FACT_ENDS = ['head.name', 'head.type', 'tail.name', 'tail.type'];
const NUMBERS = ['confidence', 'evidenceCount', 'sourceCount', 'authorCount'];

/** What a template can name, by what its rule is about. */
const FIELDS: Readonly<Record<FilterTopic, readonly string[]>> = {
  fact: [...COMMON, 'type', ...FACT_ENDS, ...NUMBERS],
  entity: [...COMMON, ...ENTITY],
  merge: [...COMMON, ...ENTITY, 'into.name', 'into.type'],
  pair: [...COMMON, 'first.name', 'first.type', 'second.name', 'second.type'],
};

/** The text of an alert whose rule has no template of its own. @param what what the rule waits for */
export function defaultTemplate(what: string): string {
  switch (what) {
    case 'entity.created':
      return 'New: {{entity.name}} ({{entity.type}})';
    case 'entity.mentioned':
      return '{{entity.name}} ({{entity.type}}) is mentioned';
    case 'entity.merged':
      return '{{entity.name}} is {{into.name}} ({{into.type}}) now';
    case 'entity.spike':
      return '{{entity.name}} ({{entity.type}}) is mentioned {{mentions}} times, usual are {{usual}}';
    case 'pair.spike':
      return '{{first.name}} and {{second.name}} are mentioned together {{mentions}} times, usual are {{usual}}';
    default:
      return '{{head.name}} —{{type}}→ {{tail.name}} ({{confidence}}, {{sourceCount}} sources)';
  }
}

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template; undefined when nothing is. @param isSpike whether the rule counts mentions */
export function templateFault(template: string, topic: FilterTopic, isSpike: boolean): string | undefined {
  const fields = [...FIELDS[topic], ...(isSpike ? SPIKE : [])];
  for (const [, field = ''] of template.matchAll(PLACE)) {
    if (!fields.includes(field)) return `there is no field "${field}"; expected one of ${fields.join(', ')}`;
  }
  return undefined;
}

/** A template with its fields filled in. What is filled in is not read as a template again. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(PLACE, (_, field: string) => String(values[field] ?? ''));
}
