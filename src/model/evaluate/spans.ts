/** An entity as a range of words, end exclusive. */
export interface TypedSpan {
  readonly start: number;
  readonly end: number;
  readonly type: string;
}

/** Entities of BIO tags; an I- tag that continues nothing begins one, and any other tag is outside. */
export function spansOf(tags: readonly string[]): TypedSpan[] {
  const spans: TypedSpan[] = [];
  let open: { start: number; type: string } | undefined;
  const close = (end: number) => {
    if (open) spans.push({ ...open, end });
    open = undefined;
  };
  tags.forEach((tag, word) => {
    const [, prefix, type] = /^([BI])-(.+)$/u.exec(tag) ?? [];
    if (prefix === 'I' && open?.type === type) return;
    close(word);
    if (type !== undefined) open = { start: word, type };
  });
  close(tags.length);
  return spans;
}
