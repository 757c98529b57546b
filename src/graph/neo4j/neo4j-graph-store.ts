import type { Ruling } from '../../domain/decision.ts';
import type { Extraction } from '../../domain/extraction.ts';
import { authorNodeId } from '../../domain/ids.ts';
import { eraseWithPictures } from '../erase-author.ts';
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
import { splitRuns } from '../plan/runs.ts';
import { preparePost } from '../prepare-post.ts';
import { markAccounts } from './apply-marks.ts';
import type { Neo4jClient, Run } from './client.ts';
import { decideAll } from './decide.ts';
import { eraseRows, findPictures } from './erase-author.ts';
import { chooseGate, passGate } from './gates.ts';
import { givePositions, markPublished, releaseLease, takeEvents } from './outbox.ts';
import { prune } from './prune.ts';
import { replaceRun } from './replace-posts.ts';
import { forgetEvents, restore } from './restore.ts';

/** The write side of a Neo4j graph. */
export class Neo4jGraphStore implements GraphStore {
  readonly #client: Neo4jClient;
  readonly #clock: () => number;
  readonly #eventRetentionMs: number;
  readonly #gate = chooseGate();

  constructor(options: { client: Neo4jClient; clock: () => number; eventRetentionMs: number }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#eventRetentionMs = options.eventRetentionMs;
  }

  async replacePosts(extractions: readonly Extraction[]): Promise<readonly UpsertOutcome[]> {
    const runs = splitRuns(extractions.map(preparePost));
    return this.#change(async (run) => {
      const outcomes: UpsertOutcome[] = [];
      for (const { isAboutAccounts, steps } of runs) {
        const apply = isAboutAccounts ? markAccounts : replaceRun;
        outcomes.push(...(await apply(run, steps, this.#clock())));
      }
      return outcomes;
    });
  }

  restore(records: readonly GraphRecord[]): Promise<void> {
    return this.#change((run) => restore(run, records, this.#clock()));
  }

  prune(request: PruneRequest): Promise<PrunedPart> {
    return prune(this.#client, { ...request, nowMs: this.#clock(), gate: this.#gate });
  }

  forgetEvents(): Promise<void> {
    return this.#client.write(forgetEvents);
  }

  async relayEvents({ holder, leaseMs, limit, publish }: RelayOptions): Promise<number> {
    const nowMs = this.#clock();
    const given = await givePositions(this.#client, { limit, nowMs, dropBeforeMs: nowMs - this.#eventRetentionMs });
    if (!publish) return given;
    const events = await takeEvents(this.#client, { holder, leaseMs, limit, nowMs });
    if (events.length === 0) return 0;
    await publish(events);
    await markPublished(
      this.#client,
      events.map((event) => event.position),
    );
    return events.length;
  }

  eraseAuthor({ platform, id }: AuthorKey, removePictures: RemovePictures = async () => {}): Promise<ErasedAuthor> {
    const authorId = authorNodeId(platform, id);
    return eraseWithPictures(
      {
        findPictures: () => this.#client.write((run) => findPictures(run, authorId)),
        eraseRows: () => this.#change((run) => eraseRows(run, authorId, this.#clock())),
      },
      removePictures,
    );
  }

  async decide(ruling: Ruling, options: DecideOptions = {}): Promise<Decided> {
    return onlyDecision(await this.decideAll([{ ...options, ruling }]));
  }

  decideAll(asked: readonly AskedRuling[]): Promise<DecidedAll> {
    const decisions = decisionsOf(asked, this.#clock());
    return this.#client.write((run) => decideAll(run, decisions));
  }

  releaseLease(holder: string): Promise<void> {
    return releaseLease(this.#client, holder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }

  /** A transaction that writes posts: the decisions it reads hold until its end. */
  #change<T>(work: (run: Run) => Promise<T>): Promise<T> {
    return this.#client.write(async (run) => {
      await passGate(run, this.#gate);
      return work(run);
    });
  }
}
