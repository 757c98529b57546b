/** A rule as a client gives it: the fields of `AlertRuleInput`. */
export type AlertRuleArg = Readonly<Record<string, unknown>>;

/** The plain data that a file of rules would hold in place of the input: without what was left out. */
export function definitionOf(input: AlertRuleArg): unknown {
  return withoutNulls(input);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field != null);
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutNulls(field)]));
}
