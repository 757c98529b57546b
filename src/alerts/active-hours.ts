/** When a rule may send. */
export interface ActiveHours {
  /** 0 is Sunday. */
  readonly days: ReadonlySet<number>;
  /** Minutes after midnight; where the end is not after the start it is on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly timeZone: string;
}

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
/** A week of days and the two ends of each, and a few more for clocks that are put forward or back. */
const MAX_JUMPS = 24;
const formats = new Map<string, Intl.DateTimeFormat>();

/** The first moment from `atMs` on at which a rule may send; `atMs` itself where it may then. */
export function nextActive(hours: ActiveHours, atMs: number): number {
  let ms = atMs;
  for (let jump = 0; jump < MAX_JUMPS; jump++) {
    const { day, minute } = localTime(hours.timeZone, ms);
    if (isActive(hours, day, minute)) return ms;
    const isToday = hours.days.has(day) && minute < hours.fromMinute;
    const minutes = (isToday ? hours.fromMinute : DAY_MINUTES) - minute;
    ms = Math.floor(ms / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS;
  }
  return ms;
}

/** Numbers of days written as `mon-fri` or `sat`; undefined when one is none. */
export function parseDays(words: readonly string[]): ReadonlySet<number> | undefined {
  const days = new Set<number>();
  for (const word of words) {
    const [from, to] = word.split('-').map((name) => DAYS.indexOf(name));
    if (from === undefined || from < 0 || (to !== undefined && to < 0) || word.split('-').length > 2) return undefined;
    for (let day = from; ; day = (day + 1) % 7) {
      days.add(day);
      if (day === (to ?? from)) break;
    }
  }
  return days;
}

/** Minutes of `08:00-20:00`; undefined when it is written otherwise. */
export function parseHours(text: string): { readonly fromMinute: number; readonly toMinute: number } | undefined {
  const [, ...found] = /^(\d{2}):(\d{2})-(\d{2}):(\d{2})$/.exec(text) ?? [];
  const [fromHour = 99, fromPart = 99, toHour = 99, toPart = 99] = found.map(Number);
  const [fromMinute, toMinute] = [fromHour * 60 + fromPart, toHour * 60 + toPart];
  const isRight = fromPart < 60 && toPart < 60 && fromMinute < DAY_MINUTES && toMinute <= DAY_MINUTES;
  return isRight ? { fromMinute, toMinute } : undefined;
}

/** True for the name of a time zone that this system knows. */
export function isTimeZone(name: string): boolean {
  try {
    return formatOf(name) !== undefined;
  } catch {
    return false;
  }
}

function isActive({ days, fromMinute, toMinute }: ActiveHours, day: number, minute: number): boolean {
  if (fromMinute < toMinute) return days.has(day) && minute >= fromMinute && minute < toMinute;
  // Over midnight: the hours belong to the day on which they begin.
  return (days.has(day) && minute >= fromMinute) || (days.has((day + 6) % 7) && minute < toMinute);
}

function localTime(timeZone: string, ms: number): { readonly day: number; readonly minute: number } {
  const parts = new Map(
    formatOf(timeZone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const minute = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
  return { day: DAYS.indexOf((parts.get('weekday') ?? '').toLowerCase()), minute };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  formats.set(timeZone, format);
  return format;
}
