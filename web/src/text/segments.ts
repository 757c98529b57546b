/** A span of a text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A piece of a text: plain, or the part of a span. */
export interface Segment<T extends Span> {
  readonly text: string;
  readonly span: T | undefined;
}

/** Cuts a text at its spans. Of spans that overlap the first and longest is kept; what lies outside the text is left out. */
export function segmentsOf<T extends Span>(text: string, spans: readonly T[]): readonly Segment<T>[] {
  const sorted = spans
    .filter(({ start, end }) => start >= 0 && start < end && end <= text.length)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const segments: Segment<T>[] = [];
  let at = 0;
  for (const span of sorted) {
    if (span.start < at) continue;
    if (span.start > at) segments.push({ text: text.slice(at, span.start), span: undefined });
    segments.push({ text: text.slice(span.start, span.end), span });
    at = span.end;
  }
  if (at < text.length) segments.push({ text: text.slice(at), span: undefined });
  return segments;
}
