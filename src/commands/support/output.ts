/** Writes a line to stdout and waits while the reader is slow; a reader that went away ends the command quietly. */
export async function printLine(line: string): Promise<void> {
  if (process.stdout.destroyed || process.stdout.write(`${line}\n`)) return;
  await new Promise<void>((resolve) => {
    const go = () => {
      for (const event of ['drain', 'close', 'error']) process.stdout.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) process.stdout.on(event, go);
  });
}

/** Writes a line of progress to stderr. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A number for people: `3,781`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Reasons with their counts, most frequent first: `missing 3, decode_error 1`. */
export function formatReasons(reasons: Readonly<Record<string, number>>): string {
  const entries = Object.entries(reasons).toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], 'en'));
  return entries.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ');
}

/** Text from outside, without what would move a terminal's cursor. */
export function onOneLine(text: string): string {
  return text.replaceAll(/\p{C}+/gu, ' ');
}
