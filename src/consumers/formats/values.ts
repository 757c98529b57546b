/** A JSON object of unknown content. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The value at a path of own properties; undefined where anything on the way is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as JsonObject)[name];
  }
  return current;
}

/** The object at a path. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as JsonObject) : undefined;
}

/** The text at a path, undefined when it is empty or no text. */
export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The list at a path, at most `limit` of it; empty for anything else. */
export function listAt(value: unknown, limit: number, ...path: readonly string[]): readonly unknown[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found.slice(0, limit) : [];
}

/** The number at a path that is finite and above zero. */
export function sizeAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) && found > 0 ? found : undefined;
}

/** Texts without repetition and without those that are too long to keep, undefined for none. */
export function distinctTexts(
  texts: readonly (string | undefined)[],
  limits: { readonly count: number; readonly length: number },
): readonly string[] | undefined {
  const kept = new Set<string>();
  for (const text of texts) {
    if (text !== undefined && text.length <= limits.length && kept.size < limits.count) kept.add(text);
  }
  return kept.size > 0 ? [...kept] : undefined;
}
