import type { Extraction } from '../../src/domain/extraction.ts';
import { authorNodeId, postNodeId } from '../../src/domain/ids.ts';
import type { SourceEvent } from '../../src/domain/source-event.ts';

/** Pairs of what hides and what takes it back; the rest of the hiding events is taken back by `account.active` alone. */
const ENDED_BY: Readonly<Record<string, string>> = {
  'post.dropped': 'post.undropped',
  'account.deleted': 'account.undeleted',
  'account.suspended': 'account.unsuspended',
  'account.protected': 'account.unprotected',
};
const HIDING = [
  ...Object.keys(ENDED_BY),
  'account.deactivated',
  'account.takendown',
  'account.withheld',
  'post.withheld',
];

type Told = SourceEvent & { readonly atMs: number };

/** What the events among the records say about posts and authors: computed from all of them at once, in no order. */
export class ToldMarks {
  readonly #bySubject = new Map<string, Told[]>();

  readonly #erased: ReadonlySet<string>;

  constructor(records: readonly Extraction[], erasedAuthors: readonly string[]) {
    this.#erased = new Set(erasedAuthors.map((author) => authorNodeId('native', author)));
    for (const { post } of records) {
      if (!post.event || post.event === 'post.edited') continue;
      const id =
        post.id === undefined ? authorNodeId(post.platform, post.author.id) : postNodeId(post.platform, post.id);
      const told = { ...post, atMs: Date.parse(post.at) };
      this.#bySubject.set(id, [...(this.#bySubject.get(id) ?? []), told]);
    }
  }

  /** Subjects that something is said about, sorted. */
  get subjects(): readonly string[] {
    return [...new Set([...this.#bySubject.keys(), ...this.#erased])].sort();
  }

  /** True while something hides the subject that nothing later takes back. */
  isHidden(id: string): boolean {
    const told = this.#bySubject.get(id) ?? [];
    const latest = (matches: (event: Told) => boolean) =>
      Math.max(...told.filter(matches).map((event) => event.atMs), -Infinity);
    return HIDING.some((name) => {
      const set = latest(({ event, countries }) => event === name && !countries);
      const ended = [
        latest(({ event }) => event === ENDED_BY[name]),
        latest(({ event }) => event === 'account.active'),
        latest(({ event, countries }) => event === name && countries !== undefined),
      ];
      return set > -Infinity && ended.every((atMs) => set >= atMs);
    });
  }

  /** Whether an author is erased, or the account was ever deleted at this time or later. */
  isBlanked(author: string, eventMs: number): boolean {
    if (this.#erased.has(author)) return true;
    return (this.#bySubject.get(author) ?? []).some(
      ({ event, atMs }) => event === 'account.deleted' && eventMs <= atMs,
    );
  }
}
