import { write } from './facts-extractor.ts';
import { Random } from './random.ts';

/** A record for the topic of posts. */
export interface SentRecord {
  readonly key: string;
  readonly value: string;
  /** A given partition instead of the key's. */
  readonly partition?: number;
}

const PEOPLE = ['Ana Lima', 'Ben Osei', 'Chiara Re', 'Dov Katz', 'Eva Holm', 'Femi Ade'];
const HOUSES = ['Harbour Robotics', 'Northlight', 'Quill & Sons', 'Tidewater'];
const PLACES = ['Lisbon', 'Porto', 'Accra'];
/** Pictures that posts show, by name; the last is not there. */
export const PICTURES = ['one.png', 'two.png', 'gone.png'];
const RELATIONS = ['/per/org/member_of', '/per/loc/place_of_residence'];
const AUTHORS = 100;
const EPOCH_MS = Date.UTC(2026, 0, 1);

interface Known {
  readonly id: string;
  readonly author: string;
  version: number;
  last: SentRecord;
}

/** How often each kind of record comes, of about a hundred. */
const KINDS = [
  ['create', 52],
  ['edit', 12],
  ['delete', 8],
  ['duplicate', 8],
  ['stale', 5],
  ['revive', 6],
  ['repost', 4],
  ['poison', 5],
  ['failing', 1],
  ['dangling', 2],
] as const;

type Kind = (typeof KINDS)[number][0];

/** Comes first, so that a short run has all of it. */
const OPENING: readonly Kind[] = [
  ...Array.from({ length: 6 }, () => 'create' as const),
  ...(['edit', 'stale', 'duplicate', 'delete', 'revive', 'repost', 'poison', 'failing', 'dangling'] as const),
];

/**
 * Posts that follow from a seed: created, edited, deleted, sent twice, sent in an old version, sent after their deletion,
 * repeated by others, and records that no stage can process. What they assert is spelt out in their texts.
 */
export class PostStream {
  readonly #random: Random;
  readonly #live: Known[] = [];
  readonly #deleted: Known[] = [];
  readonly #name: string;
  readonly #opening = [...OPENING];
  #count = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#name = `s${seed}`;
  }

  /** The next records. */
  take(count: number): readonly SentRecord[] {
    return Array.from({ length: count }, () => this.#make(this.#opening.shift() ?? this.#kind()));
  }

  /** One last post for each partition: behind it nothing is to come. */
  closing(partitions: number): readonly SentRecord[] {
    return Array.from({ length: partitions }, (_, partition) => ({ ...this.#make('create'), partition }));
  }

  #kind(): Kind {
    let at = this.#random.between(0, KINDS.reduce((sum, [, weight]) => sum + weight, 0) - 1);
    return KINDS.find(([, weight]) => (at -= weight) < 0)?.[0] ?? 'create';
  }

  #make(kind: Kind): SentRecord {
    const known = this.#known(kind);
    if (kind === 'poison') return this.#poison();
    if (kind === 'failing' || kind === 'dangling') return this.#create(kind).last;
    if (kind === 'create' || !known) return this.#keep(this.#create());
    if (kind === 'duplicate') return known.last;
    if (kind === 'repost') return this.#keep(this.#create(undefined, known.id));
    if (kind === 'delete') return this.#remove(known);
    if (kind === 'edit') known.version += this.#random.between(1, 3);
    if (kind === 'revive') return this.#postOf(this.#deleted[0] ?? known, 0);
    // An old version that comes late, with other words than it had.
    if (kind === 'stale' && known.version > 0) return this.#postOf(known, known.version - 1);
    known.last = this.#postOf(known, known.version);
    return known.last;
  }

  /** A post that is not deleted; for an old version one that has been edited, if there is any. */
  #known(kind: Kind): Known | undefined {
    const edited = kind === 'stale' ? this.#live.filter(({ version }) => version > 0) : [];
    const choice = edited.length > 0 ? edited : this.#live;
    return choice.length > 0 ? this.#random.of(choice) : undefined;
  }

  #keep(known: Known): SentRecord {
    this.#live.push(known);
    return known.last;
  }

  #create(kind?: 'failing' | 'dangling', repostOf?: string): Known {
    const id = `${this.#name}-${this.#count++}`;
    const author = `author-${this.#random.between(1, AUTHORS)}`;
    const ending = { failing: write.failure, dangling: write.relation(0, RELATIONS[0] ?? '', 9) };
    const known = { id, author, version: 0 };
    return { ...known, last: this.#postOf(known, 0, { ...(kind && { ending: ending[kind] }), repostOf }) };
  }

  #postOf(
    { id, author }: Pick<Known, 'id' | 'author'>,
    version: number,
    more: { readonly ending?: string; readonly repostOf?: string | undefined } = {},
  ): SentRecord {
    const post = {
      id,
      platform: 'native',
      author: { id: author, handle: `@${author}` },
      createdAt: new Date(EPOCH_MS + this.#count * 1000).toISOString(),
      version: String(version),
      images: this.#random.next() < 0.2 ? [this.#random.of(PICTURES)] : [],
      text: `${this.#text()} ${more.ending ?? ''}`.trim(),
      ...(more.repostOf && { repostOf: more.repostOf }),
    };
    return { key: author, value: JSON.stringify(post) };
  }

  #text(): string {
    const { relation, mention, delayMs } = write;
    const random = this.#random;
    const mentions = [mention('PER', random.of(PEOPLE)), mention('ORG', random.of(HOUSES))];
    if (random.next() < 0.4) mentions.push(mention('LOC', random.of(PLACES)));
    const relations = [relation(0, RELATIONS[0] ?? '', 1)];
    if (mentions.length > 2) relations.push(relation(0, RELATIONS[1] ?? '', 2));
    const words = random.next() < 0.1 ? 'the very same words' : `words number ${random.between(1, 1e6)}`;
    return `${words} ${mentions.join(' and ')} ${relations.join('')} ${delayMs(random.between(2, 30))}`;
  }

  #remove(known: Known): SentRecord {
    this.#live.splice(this.#live.indexOf(known), 1);
    this.#deleted.unshift(known);
    const { id, author, version } = known;
    const reach = this.#random.next() < 0.5 ? { version: String(version + 1) } : {};
    const tombstone = { id, platform: 'native', author: { id: author }, deleted: true, ...reach };
    return { key: author, value: JSON.stringify(tombstone) };
  }

  #poison(): SentRecord {
    const n = this.#count++;
    const bad = [
      `{"id": "${n}`,
      `poison ${n}`,
      JSON.stringify({ platform: 'native', text: `no id ${n}`, author: { id: 'a' } }),
      JSON.stringify({ id: `p${n}`, platform: 'Not A Platform', text: 'x', author: { id: 'a' } }),
      JSON.stringify({ id: `p${n}`, platform: 'native', text: n, author: { id: 'a' } }),
    ];
    return { key: `author-${this.#random.between(1, AUTHORS)}`, value: this.#random.of(bad) };
  }
}
