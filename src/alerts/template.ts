import type { FilterTopic } from '../domain/filter.ts';

/** What fills the fields of a template. */
export type TemplateValues = Readonly<Record<string, string | number>>;

const COMMON = ['rule', 'severity', 'event'];
const ENTITY = ['entity.name', 'entity.type'];
const FACT_ENDS = ['head.name', 'head.type', 'tail.name', 'tail.type'];
const NUMBERS = ['confidence', 'evidenceCount', 'sourceCount', 'authorCount'];

/** What a template can name, by what its rule is about. */
const FIELDS: Readonly<Record<FilterTopic, readonly string[]>> = {
  fact: [...COMMON, 'type', ...FACT_ENDS, ...NUMBERS],
  entity: [...COMMON, ...ENTITY],
  merge: [...COMMON, ...ENTITY, 'into.name', 'into.type'],
};

/** The texts of alerts whose rules have no template of their own. */
export const DEFAULT_TEMPLATES: Readonly<Record<FilterTopic, string>> = {
  fact: '{{head.name}} —{{type}}→ {{tail.name}} ({{confidence}}, {{sourceCount}} sources)',
  entity: 'New: {{entity.name}} ({{entity.type}})',
  merge: '{{entity.name}} is {{into.name}} ({{into.type}}) now',
};

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template; undefined when nothing is. */
export function templateFault(template: string, topic: FilterTopic): string | undefined {
  for (const [, field = ''] of template.matchAll(PLACE)) {
    if (!FIELDS[topic].includes(field))
      return `there is no field "${field}"; expected one of ${FIELDS[topic].join(', ')}`;
  }
  return undefined;
}

/** A template with its fields filled in. What is filled in is not read as a template again. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template.replace(PLACE, (_, field: string) => String(values[field] ?? ''));
}
