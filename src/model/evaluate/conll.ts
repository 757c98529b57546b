/** A post of a CoNLL file. */
export interface TaggedPost {
  /** Value of its `IMGID:` line, empty where there is none. */
  readonly imageId: string;
  readonly words: readonly string[];
  /** One tag per word, with `OTHER` read as `MISC`. */
  readonly tags: readonly string[];
}

/**
 * Reads posts: an `IMGID:` line, `word<TAB>tag` lines, a blank line between posts and perhaps none after the last.
 *
 * Words are not trimmed: one may be a variation selector and nothing else.
 */
export function parseConll(source: string): TaggedPost[] {
  const posts: TaggedPost[] = [];
  let imageId = '';
  let words: string[] = [];
  let tags: string[] = [];
  const finish = () => {
    if (words.length > 0) posts.push({ imageId, words, tags });
    imageId = '';
    words = [];
    tags = [];
  };
  for (const line of source.replaceAll('\r\n', '\n').split('\n')) {
    const tab = line.lastIndexOf('\t');
    if (line.startsWith('IMGID:') && tab < 0) {
      finish();
      imageId = line.slice('IMGID:'.length).trim();
    } else if (tab >= 0) {
      words.push(line.slice(0, tab));
      tags.push(
        line
          .slice(tab + 1)
          .trim()
          .replace('OTHER', 'MISC'),
      );
    } else finish();
  }
  finish();
  return posts;
}
