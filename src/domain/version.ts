const DIGITS = /^\d{1,40}$/;

/** True for a version that can be compared: one to forty decimal digits. */
export function isVersion(value: string): boolean {
  return DIGITS.test(value);
}

/** Compares two versions as integers of any length: negative, zero or positive as for `sort`. */
export function compareVersions(a: string, b: string): number {
  const left = a.replace(/^0+(?=\d)/, '');
  const right = b.replace(/^0+(?=\d)/, '');
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}
