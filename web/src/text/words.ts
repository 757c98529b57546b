const WHOLE = new Intl.NumberFormat('en');
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 0 });
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'narrow' });
const STEPS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** A relation type in words: `member of` for `/per/org/member_of`. */
export function relationWords(type: string): string {
  const last = type.split('/').findLast((part) => part !== '') ?? type;
  return last.replaceAll('_', ' ').toLowerCase();
}

/** `1,234`. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** `1 post`, `2 posts`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${WHOLE.format(value)} ${value === 1 ? noun : plural}`;
}

/** `87%`. */
export function percent(value: number): string {
  return PERCENT.format(value);
}

/** Date and time, in the zone of the reader. */
export function moment(time: string | number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '' : MOMENT.format(date);
}

/** `3 min. ago`. */
export function ago(time: string | number, nowMs = Date.now()): string {
  const age = new Date(time).getTime() - nowMs;
  if (Number.isNaN(age)) return '';
  for (const [unit, length] of STEPS) {
    if (Math.abs(age) >= length) return AGO.format(Math.round(age / length), unit);
  }
  return 'just now';
}

/** The address if a browser may follow it from here; a post can name any, `javascript:` too. */
export function safeAddress(url: string | null): string | undefined {
  if (url === null || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return protocol === 'https:' || protocol === 'http:' ? href : undefined;
}
