import type { Decision, Ruling } from '../domain/decision.ts';
import type { Extraction } from '../domain/extraction.ts';
import type { GraphEvent } from '../domain/graph.ts';
import type { GraphRecord } from './export/graph-record.ts';

/** What one extraction did to the graph. */
export type UpsertOutcome =
  | 'created'
  | 'replaced'
  /** A replay: the graph holds exactly this. */
  | 'unchanged'
  /** Same version and generation as the stored post, but other content, of which the stored one wins. */
  | 'conflicting_content'
  | 'deleted'
  | 'stale_version'
  | 'lower_generation'
  /** A deletion, of the post or of its account, keeps it out. */
  | 'tombstoned'
  /** Not readable now: the post of this record, or those of its account, wait until they are restored. */
  | 'hidden'
  | 'restored'
  /** Noted about a post or an account, of which nothing readable changes. */
  | 'marked'
  /** A `post.edited` that names no version, so that nothing can be out of date. */
  | 'event_not_applied';

/** Publishes events in the order given. Resolves once every one of them is acknowledged. */
export type PublishEvents = (events: readonly GraphEvent[]) => Promise<void>;

/**
 * The write side of the graph.
 *
 * Guarantees: each call of `replacePosts` is one transaction, so all of its effects or none are in the graph; the
 * post's row is locked before its version is read, so two processes cannot apply versions out of order; replaying an
 * extraction changes nothing; nothing depends on the order in which posts of different ids arrive. An error with
 * `retryable` left no effect and may be tried again; any other error means the batch holds something the store refuses.
 */
export interface GraphStore extends AsyncDisposable {
  /** Applies extractions, tombstones and events included, in their order. Returns one outcome each, in the same order. */
  replacePosts(extractions: readonly Extraction[]): Promise<readonly UpsertOutcome[]>;

  /**
   * Puts lines of a complete export into a graph that held nothing before their first one, in one transaction. Nobody is
   * told: what they tell was told when it happened.
   */
  restore(records: readonly GraphRecord[]): Promise<void>;

  /**
   * Removes posts that were published before a time, with what only they supported, in one transaction: a part of all
   * posts at a time. Facts that lose their last support are retracted, with events; the last part also forgets facts
   * that were retracted before that time. Nothing is left of a post, so a record of it that comes later brings it back.
   */
  prune(request: PruneRequest): Promise<PrunedPart>;

  /** Drops the events that have no position yet, so that nobody is told. */
  forgetEvents(): Promise<void>;

  /**
   * Gives up to `limit` waiting events their positions, in the order of their commits, and returns how many. Any number
   * of processes may do so at once; an event with a position is what `eventsAfter` sees.
   *
   * With `publish` it then publishes, in the order of positions, up to `limit` events that have a position and are not
   * yet published, whoever gave it, marks them and returns how many it published: 0 while another holder has the lease.
   * At least once: a crash between publishing and marking publishes again, with equal key and position.
   *
   * Events are dropped 7 days after they got their position, unpublished ones only where nobody has ever published.
   */
  relayEvents(options: RelayOptions): Promise<number>;

  /**
   * Erases an author: content of all posts, readable, hidden or late, what only they supported, its past, and names in
   * events that are no longer in the graph. `removePictures` is given the pictures that no other author's post shows, and
   * must bear being given one again. One transaction for the rows; erasing again is safe, and goes on where an error ended it.
   */
  eraseAuthor(author: AuthorKey, removePictures?: RemovePictures): Promise<ErasedAuthor>;

  /**
   * Takes a decision about entities or a fact and applies it to all posts, in one transaction; it holds for every later
   * post, too. Facts go to where their evidence goes (`fact.moved`); none is new for that. Deciding an id again changes nothing.
   *
   * @throws {USAGE} when the ruling says nothing new or speaks of an entity that is part of another.
   */
  decide(ruling: Ruling, options?: DecideOptions): Promise<Decided>;

  /** Takes decisions in their turn, all in one transaction, as `decide` does; the outcome of one that is refused says why. */
  decideAll(asked: readonly AskedRuling[]): Promise<DecidedAll>;

  /** Gives the publisher's lease back, if `holder` has it, so that the next one need not wait for its end. */
  releaseLease(holder: string): Promise<void>;
}

/** How a decision is noted. */
export interface DecideOptions {
  /** @default a new random one */
  readonly id?: string;
  readonly reason?: string;
}

/** A ruling that is asked for, and how it is noted. */
export interface AskedRuling extends DecideOptions {
  readonly ruling: Ruling;
}

/** What became of one of several rulings. */
export type RulingOutcome = { readonly decision: Decision; readonly isNew: boolean } | { readonly refused: string };

/** What became of several rulings, in their order. */
export interface DecidedAll {
  readonly outcomes: readonly RulingOutcome[];
  /** Posts that were written again. */
  readonly posts: number;
}

/** What became of a decision. */
export interface Decided {
  readonly decision: Decision;
  /** False where it had been taken before. */
  readonly isNew: boolean;
  /** Posts that were written again. */
  readonly posts: number;
}

/** An author as the platform names them. */
export interface AuthorKey {
  readonly platform: string;
  readonly id: string;
}

/** Removes copies of pictures by the hashes of their originals. */
export type RemovePictures = (sha256s: readonly string[]) => Promise<void>;

/** How much an erasure took away. */
export interface ErasedAuthor {
  readonly posts: number;
  /** Facts that nothing supports any more. */
  readonly facts: number;
  /** Events that lost a name or got another. */
  readonly events: number;
  readonly pictures: number;
}

/** How one pass of the relay works. */
export interface RelayOptions {
  /** Names this process; only one holder publishes at a time. */
  readonly holder: string;
  /** Time after which a silent holder loses the lease. */
  readonly leaseMs: number;
  readonly limit: number;
  /** Left out where events only get their positions; they then wait for a process that publishes. */
  readonly publish?: PublishEvents;
}

/** Which posts one part of a pruning looks at, in the order of their ids. */
export interface PruneRequest {
  /** Posts published before this go, epoch milliseconds. */
  readonly beforeMs: number;
  /** Id after which it looks; '' to begin. */
  readonly after: string;
  /** Most posts it looks at. */
  readonly limit: number;
  /** Only counts. */
  readonly dryRun: boolean;
}

/** What one part of a pruning found. */
export interface PrunedPart {
  readonly posts: number;
  /** Hashes of the pictures that the posts had; others may have them, too. */
  readonly pictures: readonly string[];
  /** Where to go on; undefined at the end. */
  readonly next: string | undefined;
}
