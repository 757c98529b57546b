import { Counter, Histogram, type Registry } from 'prom-client';
import type { Logger } from './logger.ts';

/** One function per fact worth knowing: each logs and counts together and never throws. */
export interface Events {
  /** A record went to the dead letters. */
  recordRejected(fact: { reason: string; stage: string; position: string; message: string }): void;
  /** A record held nothing to do. */
  recordIgnored(fact: { reason: string; stage: string; position: string }): void;
  /** A post passed the model. */
  postExtracted(fact: {
    textOnly: string | undefined;
    mentions: number;
    relations: number;
    /** What became of each of its pictures. */
    pictures: readonly string[];
  }): void;
  /** A post was stored without being read. */
  postSkipped(fact: { reason: string }): void;
  /** A picture's URL was asked for; what is kept from an earlier time does not count. */
  pictureFetched(fact: { url: string; outcome: string; bytes: number; seconds: number }): void;
  /** A small copy of a picture was kept, or could not be. */
  pictureKept(fact: { outcome: 'ok' | 'failed'; sha256: string; message?: string }): void;
  /** A record's partition went to another member before its effect was begun, so that there is none from here. */
  staleDropped(fact: { stage: string; position: string }): void;
  /** A record was taken with no other in flight, because an earlier member died near it. */
  takenAlone(fact: { topic: string; position: string }): void;
  /** The group had moved on, and a commit of offsets changed nothing. */
  commitFenced(fact: { topic: string; partitions: number }): void;
  /** The committed offset was gone from the log, and reading went on at the oldest record. */
  offsetReset(fact: { client: string; message: string }): void;
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
  /** A dependency stopped answering, so that no new work is begun, or answers again. */
  circuitChanged(fact: { dependency: string; open: boolean }): void;
  /** How long a step of a record took. */
  stepTaken(stage: string, step: StageStep, seconds: number): void;
  /** Events were published from the outbox. */
  eventsPublished(fact: { count: number }): void;
  /** Events were decided on, and so many alerts made. */
  alertsDecided(fact: { count: number }): void;
  /** What a rule is about was not told. */
  alertSuppressed(fact: { rule: string; subjectId: string; reason: string }): void;
  /** An alert was sent to a channel, or could not be. */
  alertAttempted(fact: { channel: string; state: 'pending' | 'delivered' | 'failed'; outcome: string }): void;
  /** Events were dropped from the log before alerts were decided on: nobody had decided for longer than they are kept. */
  alertEventsMissed(fact: { count: number }): void;
  /** An alert could not be told: it waited for longer than its events are kept. */
  alertLost(fact: { rule: string; channel: string }): void;
  /** Nothing is sent to a channel any more until somebody enables it. */
  alertChannelDisabled(fact: { channel: string; outcome: string }): void;
  /** An alert whose channel is the log. */
  alertLogged(fact: { id: string; type: string; data: Readonly<Record<string, unknown>> }): void;
  /** Offsets were committed. */
  offsetsCommitted(fact: { topic: string; partitions: number }): void;
  /** The consumer group gave this process other partitions. */
  partitionsAssigned(fact: { topic: string; gained: number; lost: number; kept: number }): void;
  /** The API did not let a request in, or not do what it asked. */
  requestRefused(fact: { reason: RefusalReason; caller?: string }): void;
  /** The broker delivered records again that this process already has or had. */
  redeliveryDropped(fact: { topic: string; count: number }): void;
}

/**
 * Why the API turned a request away: of another web page or under a foreign name; without a token; with one that is not
 * known, has expired or was revoked; through a proxy where no tokens are asked for; without the scope for what it asks; for
 * a picture by an address that is not signed or whose time is over; for more than is left of the caller's budget.
 */
export type RefusalReason = 'foreign' | 'no_token' | 'bad_token' | 'proxy' | 'scope' | 'link' | 'budget';

/**
 * A step of a record's way through a stage: reading its bytes, what runs side by side (pictures and model), its turn among the
 * records of its author, the effect, and all of it from when the stage took it.
 */
export type StageStep = 'decode' | 'prepare' | 'turn' | 'apply' | 'all';

const STEP_SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** Events that write to the given log and registry. */
export function createEvents(logger: Logger, registry: Registry): Events {
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `grapevine_${name}_total`, help, labelNames, registers: [registry] });
  const rejected = counter('records_rejected', 'Records sent to the dead letters.', ['reason', 'stage']);
  const ignored = counter('records_ignored', 'Records that held nothing to do.', ['reason', 'stage']);
  const extracted = counter('posts_extracted', 'Posts read by the model; mode says with which inputs.', ['mode']);
  const pictures = counter('pictures', 'Pictures of posts that were read, by what became of them.', ['outcome']);
  const mentions = counter('mentions', 'Mentions found.');
  const relations = counter('relations', 'Relations found.');
  const skipped = counter('posts_skipped', 'Posts stored without being read by the model.', ['reason']);
  const fetched = counter('pictures_fetched', 'Pictures asked for by URL.', ['outcome']);
  const fetchedBytes = counter('picture_bytes', 'Bytes of pictures fetched by URL.');
  const fetchSeconds = counter(
    'picture_fetch_seconds',
    'Time pictures took to fetch, waiting for their turn included, seconds.',
  );
  const kept = counter('pictures_kept', 'Small copies of pictures put into the picture store.', ['outcome']);
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
    'Events about posts or accounts that can have no effect, such as an edit without a version.',
    ['event'],
  );
  const retried = counter('dependency_retries', 'Calls to a dependency that failed and were tried again.', [
    'dependency',
  ]);
  const published = counter('events_published', 'Graph events published from the outbox.');
  const alerts = counter('alerts_decided', 'Alerts that fired or were resolved.');
  const suppressed = counter('alerts_suppressed', 'Facts that a rule is about but did not tell, by why.', ['reason']);
  const missed = counter('alert_events_missed', 'Events that were dropped before alerts were decided on.');
  const lost = counter('alert_deliveries_lost', 'Deliveries that waited for longer than their events are kept.');
  const disabledChannels = counter('alert_channels_disabled', 'Channels that were disabled because they take nothing.');
  const attempts = counter('alert_attempts', 'Attempts to deliver alerts, by how they left the delivery.', ['state']);
  const commits = counter('offset_commits', 'Offset commits.', ['topic']);
  const rebalances = counter('rebalances', 'Assignments received from the consumer group.', ['topic']);
  const redelivered = counter('redeliveries_dropped', 'Records delivered again and dropped.', ['topic']);
  const steps = new Histogram({
    name: 'grapevine_stage_seconds',
    help: 'Time of the steps of a record: decode, prepare (pictures and model), turn (waiting for its author), apply, all.',
    labelNames: ['stage', 'step'],
    buckets: STEP_SECONDS,
    registers: [registry],
  });
  const circuits = counter('circuits_opened', 'Times a dependency stopped answering.', ['dependency']);
  const stale = counter('stale_results_dropped', 'Records dropped because their partition went to another member.', [
    'stage',
  ]);
  const alone = counter('records_taken_alone', 'Records taken one at a time after a member died.', ['topic']);
  const fenced = counter('commits_fenced', 'Commits of offsets that came after the group had moved on.', ['topic']);
  const refused = counter('api_requests_refused', 'Requests to the API that were not let in.', ['reason']);
  const resets = counter('offset_resets', 'Committed offsets that were gone from the log.');
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
      for (const outcome of fact.pictures) pictures.inc({ outcome });
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
    pictureKept(fact) {
      kept.inc({ outcome: fact.outcome });
      if (fact.outcome === 'ok') logger.debug(fact, 'a picture was kept');
      else logger.warn(fact, 'a picture could not be kept');
    },
    staleDropped(fact) {
      stale.inc({ stage: fact.stage });
      logger.debug(fact, 'a record of a lost partition was dropped');
    },
    takenAlone(fact) {
      alone.inc({ topic: fact.topic });
      logger.debug(fact, 'a record is taken alone');
    },
    commitFenced(fact) {
      fenced.inc({ topic: fact.topic });
      logger.info(fact, 'a commit came after the group had moved on');
    },
    offsetReset(fact) {
      resets.inc();
      logger.error(
        fact,
        'the committed offset is gone from the log; what stood before the oldest record was never read',
      );
    },
    requestRefused(fact) {
      refused.inc({ reason: fact.reason });
      logger.info(fact, 'a request was refused');
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
    circuitChanged(fact) {
      if (fact.open) circuits.inc({ dependency: fact.dependency });
      if (fact.open) logger.error(fact, 'a dependency does not answer; no new work is begun until it does');
      else logger.warn(fact, 'a dependency answers again');
    },
    stepTaken(stage, step, seconds) {
      steps.observe({ stage, step }, seconds);
    },
    eventsPublished(fact) {
      published.inc(fact.count);
      logger.debug(fact, 'events were published');
    },
    alertsDecided(fact) {
      alerts.inc(fact.count);
      logger.debug(fact, 'alerts were decided on');
    },
    alertSuppressed(fact) {
      suppressed.inc({ reason: fact.reason });
      logger.info(fact, 'an alert was suppressed');
    },
    alertAttempted(fact) {
      attempts.inc({ state: fact.state });
      if (fact.state === 'delivered') logger.debug(fact, 'an alert was delivered');
      else logger.warn(fact, 'an alert was not delivered');
    },
    alertEventsMissed(fact) {
      missed.inc(fact.count);
      logger.error(fact, 'events were dropped before alerts were decided on');
    },
    alertLost(fact) {
      lost.inc();
      logger.error(fact, 'an alert waited for longer than its events are kept and cannot be told');
    },
    alertChannelDisabled(fact) {
      disabledChannels.inc();
      logger.error(fact, 'an alert channel is disabled: grapevine alerts channels enable sends to it again');
    },
    alertLogged(fact) {
      logger.warn(fact, 'alert');
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
