const SAFE_NAME = /^[A-Z][A-Z0-9_]*$/;

/**
 * A type of the bundle as a label or relationship type: `/per/org/member_of` gives `PER_ORG_MEMBER_OF`. Undefined for
 * a type that has no such name.
 */
export function cypherName(type: string): string | undefined {
  const name = type
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return SAFE_NAME.test(name) ? name : undefined;
}
