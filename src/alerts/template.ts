/** What a template can name. */
export type TemplateField = (typeof TEMPLATE_FIELDS)[number];

const TEMPLATE_FIELDS = [
  'rule',
  'severity',
  'event',
  'type',
  'head.name',
  'head.type',
  'tail.name',
  'tail.type',
  'confidence',
  'evidenceCount',
  'sourceCount',
  'authorCount',
] as const;

/** The text of an alert whose rule has no template of its own. */
export const DEFAULT_TEMPLATE = '{{head.name}} —{{type}}→ {{tail.name}} ({{confidence}}, {{sourceCount}} sources)';

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template; undefined when nothing is. */
export function templateFault(template: string): string | undefined {
  for (const [, field = ''] of template.matchAll(PLACE)) {
    if (!TEMPLATE_FIELDS.some((known) => known === field))
      return `there is no field "${field}"; expected one of ${TEMPLATE_FIELDS.join(', ')}`;
  }
  return undefined;
}

/** A template with its fields filled in. What is filled in is not read as a template again. */
export function fillTemplate(template: string, values: Readonly<Record<TemplateField, string | number>>): string {
  return template.replace(PLACE, (_, field: TemplateField) => String(values[field]));
}
