import type { Ruling } from '../../domain/decision.ts';
import type { Extraction } from '../../domain/extraction.ts';
import type { GraphEvent } from '../../domain/graph.ts';
import { authorNodeId } from '../../domain/ids.ts';
import type { WorkerClient } from '../../threads/worker-client.ts';
import { type ErasedRows, eraseWithPictures } from '../erase-author.ts';
import type { GraphRecord } from '../export/graph-record.ts';
import type {
  AskedRuling,
  AuthorKey,
  Decided,
  DecidedAll,
  DecideOptions,
  ErasedAuthor,
  GraphStore,
  PrunedPart,
  PruneRequest,
  RelayOptions,
  RemovePictures,
  UpsertOutcome,
} from '../graph-store.ts';
import { decisionsOf, onlyDecision } from '../plan/rulings.ts';
import { preparePost } from '../prepare-post.ts';

/** The write side of a SQLite graph; the work is done in its worker thread. */
export class SqliteGraphStore implements GraphStore {
  readonly #worker: WorkerClient;
  readonly #clock: () => number;
  readonly #eventRetentionMs: number;

  constructor(options: { worker: WorkerClient; clock: () => number; eventRetentionMs: number }) {
    this.#worker = options.worker;
    this.#clock = options.clock;
    this.#eventRetentionMs = options.eventRetentionMs;
  }

  async replacePosts(extractions: readonly Extraction[]): Promise<readonly UpsertOutcome[]> {
    const posts = extractions.map(preparePost);
    return this.#worker.call('replacePosts', { posts, nowMs: this.#clock() });
  }

  restore(records: readonly GraphRecord[]): Promise<void> {
    return this.#worker.call('restore', { records, nowMs: this.#clock() });
  }

  prune(request: PruneRequest): Promise<PrunedPart> {
    return this.#worker.call('prune', { request, nowMs: this.#clock() });
  }

  forgetEvents(): Promise<void> {
    return this.#worker.call('forgetEvents');
  }

  async relayEvents({ holder, leaseMs, limit, publish }: RelayOptions): Promise<number> {
    const nowMs = this.#clock();
    const dropBeforeMs = nowMs - this.#eventRetentionMs;
    const given = await this.#worker.call<number>('givePositions', { limit, nowMs, dropBeforeMs });
    if (!publish) return given;
    const request = { holder, leaseMs, limit, nowMs };
    const events = await this.#worker.call<readonly GraphEvent[]>('takeEvents', request);
    if (events.length === 0) return 0;
    await publish(events);
    const positions = events.map((event) => event.position);
    await this.#worker.call('markPublished', { positions, nowMs: this.#clock() });
    return events.length;
  }

  eraseAuthor({ platform, id }: AuthorKey, removePictures: RemovePictures = async () => {}): Promise<ErasedAuthor> {
    const authorId = authorNodeId(platform, id);
    return eraseWithPictures(
      {
        findPictures: () => this.#worker.call<readonly string[]>('findPictures', authorId),
        eraseRows: () => this.#worker.call<ErasedRows>('eraseAuthor', { authorId, nowMs: this.#clock() }),
      },
      removePictures,
    );
  }

  async decide(ruling: Ruling, options: DecideOptions = {}): Promise<Decided> {
    return onlyDecision(await this.decideAll([{ ...options, ruling }]));
  }

  decideAll(asked: readonly AskedRuling[]): Promise<DecidedAll> {
    return this.#worker.call('decideAll', decisionsOf(asked, this.#clock()));
  }

  releaseLease(holder: string): Promise<void> {
    return this.#worker.call('releaseLease', holder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.call('close').catch(() => {});
    await this.#worker[Symbol.asyncDispose]();
  }
}
