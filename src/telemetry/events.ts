import { Counter, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';

/** One function per fact worth knowing: each logs and counts together and never throws. */
export interface Events {
  /** A record went to the dead letters. */
  recordRejected(fact: { reason: string; stage: string; position: string; message: string }): void;
  /** A record held nothing to do. */
  recordIgnored(fact: { reason: string; stage: string; position: string }): void;
  /** A post passed the model. */
  postExtracted(fact: { textOnly: string | undefined; mentions: number; relations: number }): void;
  /** A post was stored without being read. */
  postSkipped(fact: { reason: string }): void;
  /** A picture's URL was asked for; what is kept from an earlier time does not count. */
  pictureFetched(fact: { url: string; outcome: string; bytes: number; seconds: number }): void;
  /** A batch reached the graph. */
  batchUpserted(fact: { outcomes: Readonly<Record<string, number>>; seconds: number }): void;
  /** A live source is connected. */
  sourceConnected(fact: { source: string; cursor: string | undefined }): void;
  /** A live source lost its connection and will connect again. */
  sourceDisconnected(fact: { source: string; reason: string; message: string; delayMs: number }): void;
  /** A record of a live source is safe where it was sent. */
  sourceProduced(fact: { source: string }): void;
  /** An event about a post or an account reached the graph, which does not act on it yet. */
  sourceEventNotApplied(fact: { event: string; platform: string }): void;
  /** A dependency failed in a way that may pass; the work waits and is tried again. */
  dependencyRetried(fact: { dependency: string; attempt: number; delayMs: number; message: string }): void;
  /** Events were published from the outbox. */
  eventsPublished(fact: { count: number }): void;
  /** Offsets were committed. */
  offsetsCommitted(fact: { topic: string; partitions: number }): void;
  /** The consumer group gave this process other partitions. */
  partitionsAssigned(fact: { topic: string; gained: number; lost: number; kept: number }): void;
  /** The broker delivered records again that this process already has or had. */
  redeliveryDropped(fact: { topic: string; count: number }): void;
}

/** Events that write to the given log and registry. */
export function createEvents(logger: Logger, registry: Registry): Events {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `grapevine_${name}_total`, help, labelNames, registers: [registry] });
  const rejected = counter('records_rejected', 'Records sent to the dead letters.', ['reason', 'stage']);
  const ignored = counter('records_ignored', 'Records that held nothing to do.', ['reason', 'stage']);
  const extracted = counter('posts_extracted', 'Posts read by the model; mode says with which inputs.', ['mode']);
  const mentions = counter('mentions', 'Mentions found.');
  const relations = counter('relations', 'Relations found.');
  const skipped = counter('posts_skipped', 'Posts stored without being read by the model.', ['reason']);
  const fetched = counter('pictures_fetched', 'Pictures asked for by URL.', ['outcome']);
  const fetchedBytes = counter('picture_bytes', 'Bytes of pictures fetched by URL.');
  const fetchSeconds = counter(
    'picture_fetch_seconds',
    'Time pictures took to fetch, waiting for their turn included, seconds.',
  );
  const upserted = counter('posts_upserted', 'Extractions applied to the graph.', ['outcome']);
  const upsertSeconds = counter('upsert_seconds', 'Time spent in graph transactions, seconds.');
  const connections = counter('source_connections', 'Connections of live sources.', ['source']);
  const disconnects = counter('source_disconnects', 'Connections of live sources that ended or could not be made.', [
    'source',
    'reason',
  ]);
  const produced = counter('source_records', 'Records of live sources that are safe where they were sent.', ['source']);
  const notApplied = counter(
    'source_events_not_applied',
    'Events about posts or accounts that the graph does not act on yet.',
    ['event'],
  );
  const retried = counter('dependency_retries', 'Calls to a dependency that failed and were tried again.', [
    'dependency',
  ]);
  const published = counter('events_published', 'Graph events published from the outbox.');
  const commits = counter('offset_commits', 'Offset commits.', ['topic']);
  const rebalances = counter('rebalances', 'Assignments received from the consumer group.', ['topic']);
  const redelivered = counter('redeliveries_dropped', 'Records delivered again and dropped.', ['topic']);
  return {
    recordRejected(fact) {
      rejected.inc({ reason: fact.reason, stage: fact.stage });
      logger.info(fact, 'a record was rejected');
    },
    recordIgnored(fact) {
      ignored.inc({ reason: fact.reason, stage: fact.stage });
      logger.debug(fact, 'a record was ignored');
    },
    postExtracted(fact) {
      extracted.inc({ mode: fact.textOnly ?? 'picture' });
      mentions.inc(fact.mentions);
      relations.inc(fact.relations);
      logger.debug(fact, 'a post was extracted');
    },
    postSkipped(fact) {
      skipped.inc({ reason: fact.reason });
      logger.debug(fact, 'a post was skipped');
    },
    pictureFetched(fact) {
      fetched.inc({ outcome: fact.outcome });
      fetchedBytes.inc(fact.bytes);
      fetchSeconds.inc(fact.seconds);
      logger.debug(fact, 'a picture was asked for');
    },
    batchUpserted(fact) {
      for (const [outcome, count] of Object.entries(fact.outcomes)) upserted.inc({ outcome }, count);
      upsertSeconds.inc(fact.seconds);
      logger.debug(fact, 'a batch was upserted');
    },
    sourceConnected(fact) {
      connections.inc({ source: fact.source });
      logger.info(fact, 'a live source is connected');
    },
    sourceDisconnected(fact) {
      disconnects.inc({ source: fact.source, reason: fact.reason });
      logger.warn(fact, 'a live source lost its connection');
    },
    sourceProduced(fact) {
      produced.inc({ source: fact.source });
    },
    sourceEventNotApplied(fact) {
      notApplied.inc({ event: fact.event });
      logger.info(fact, 'an event was not applied to the graph');
    },
    dependencyRetried(fact) {
      retried.inc({ dependency: fact.dependency });
      logger.warn(fact, 'a dependency failed and is tried again');
    },
    eventsPublished(fact) {
      published.inc(fact.count);
      logger.debug(fact, 'events were published');
    },
    offsetsCommitted(fact) {
      commits.inc({ topic: fact.topic });
      logger.debug(fact, 'offsets were committed');
    },
    partitionsAssigned(fact) {
      rebalances.inc({ topic: fact.topic });
      logger.info(fact, 'partitions were assigned');
    },
    redeliveryDropped(fact) {
      redelivered.inc({ topic: fact.topic }, fact.count);
      logger.debug(fact, 'redelivered records were dropped');
    },
  };
}
