/** When posts that mention an entity were published, epoch milliseconds. */
export interface MentionSpan {
  readonly firstMs: number;
  readonly lastMs: number;
}

/** Mentions that a timeline counts: the newest. It bounds what a busy entity costs. */
export const TIMELINE_MENTIONS = 100_000;

/** Which part of a timeline is meant, epoch milliseconds. */
export interface TimelineQuery {
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  readonly bucketMs: number;
}

/** Mentions in one part of a timeline. */
export interface TimelineBar {
  /** Parts before it, 0 or more. */
  readonly bar: number;
  readonly mentions: number;
}

/** Posts that a look at trends goes through: the newest. */
export const TREND_POSTS = 10_000;

/** What is asked about trends. */
export interface TrendQuery {
  /** End of the window, epoch milliseconds, inclusive. */
  readonly untilMs: number;
  readonly windowMs: number;
  /** Entities given at most. */
  readonly first: number;
  /** Only entities of this type. */
  readonly type?: string;
}

/** Entities that are mentioned more in a window of time than in the window before, by event time. */
export interface Trends {
  /** Start of the window, exclusive; later than asked for where both windows hold more posts than are looked at. */
  readonly sinceMs: number;
  /** Highest score first, then by id. */
  readonly entities: readonly Trend[];
}

/** An entity that is mentioned more. */
export interface Trend {
  readonly entityId: string;
  readonly mentions: number;
  /** Mentions in the window before, which is as long. */
  readonly before: number;
  /** See `trendOf`. */
  readonly score: number;
}

/** What a graph counts for a trend. */
export type TrendCount = Omit<Trend, 'score'>;

/**
 * How much a rise stands out from chance: the difference of both counts over the root of their sum. Where mentions come at
 * random at an unchanged rate it is below 2 in 98 of 100 windows; five after none is 2.2, as is 40 after 22.
 */
export function trendOf(count: TrendCount): Trend {
  return { ...count, score: (count.mentions - count.before) / Math.sqrt(count.mentions + count.before) };
}

/** The two windows of a question: each begins after its start. */
export interface TrendWindows {
  readonly beforeMs: number;
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** The windows asked for, or shorter ones that end at the same time, so that they begin after `limitMs`. */
export function trendWindows({ untilMs, windowMs }: TrendQuery, limitMs?: number): TrendWindows {
  const length = limitMs === undefined ? windowMs : Math.min(windowMs, Math.floor((untilMs - limitMs) / 2));
  return { beforeMs: untilMs - 2 * length, sinceMs: untilMs - length, untilMs };
}
