import { workerData } from 'node:worker_threads';
import type { Decision } from '../../domain/decision.ts';
import { serveCalls } from '../../threads/worker-server.ts';
import type { PruneAlerts } from '../alert-log.ts';
import type { RuleBookChange } from '../alert-rules.ts';
import type { AlertDecision, AttemptNote, TakeDeliveries } from '../alert-store.ts';
import type { GraphRecord } from '../export/graph-record.ts';
import type { PruneRequest } from '../graph-store.ts';
import type { PreparedPost } from '../prepare-post.ts';
import { changeRules } from './alert-rules.ts';
import {
  alertHead,
  alertStates,
  alertStatesOfFacts,
  decideAlerts,
  dueAlertStates,
  noteAttempt,
  pruneAlerts,
  replayDelivery,
  takeDeliveries,
} from './alerts.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { decideAll } from './decide.ts';
import { eraseAuthor, findPictures } from './erase-author.ts';
import {
  givePositions,
  markPublished,
  type PositionRequest,
  releaseLease,
  type TakeRequest,
  takeEvents,
} from './outbox.ts';
import { prune } from './prune.ts';
import { replacePosts } from './replace-posts.ts';
import { forgetEvents, restore } from './restore.ts';
import { migrate, prepareSchema } from './schema.ts';
import { type WatchRequest, watch } from './watched.ts';

let connection: Connection | undefined;

function open(): Connection {
  if (!connection) {
    const options = workerData as ConnectionOptions;
    const opened = new Connection(options);
    try {
      prepareSchema(opened, options.path);
    } catch (error) {
      opened[Symbol.dispose]();
      throw error;
    }
    connection = opened;
  }
  return connection;
}

function migrateOnce() {
  const options = workerData as ConnectionOptions;
  using opened = new Connection(options);
  return migrate(opened, options.path);
}

serveCalls(
  {
    open: () => void open(),
    migrate: migrateOnce,
    replacePosts: (call: { posts: readonly PreparedPost[]; nowMs: number }) =>
      replacePosts(open(), call.posts, call.nowMs),
    findPictures: (authorId: string) => findPictures(open(), authorId),
    eraseAuthor: (request: Parameters<typeof eraseAuthor>[1]) => eraseAuthor(open(), request),
    restore: (call: { records: readonly GraphRecord[]; nowMs: number }) => restore(open(), call.records, call.nowMs),
    prune: (call: { request: PruneRequest; nowMs: number }) => prune(open(), call.request, call.nowMs),
    forgetEvents: () => forgetEvents(open()),
    givePositions: (request: PositionRequest) => givePositions(open(), request),
    takeEvents: (request: TakeRequest) => takeEvents(open(), request),
    markPublished: (mark: Parameters<typeof markPublished>[1]) => markPublished(open(), mark),
    decideAll: (decisions: readonly Decision[]) => decideAll(open(), decisions),
    releaseLease: (holder: string) => releaseLease(open(), holder),
    watch: (wanted: WatchRequest) => watch(open(), wanted),
    alertHead: () => alertHead(open()),
    alertStates: (keys: readonly string[]) => alertStates(open(), keys),
    alertStatesOfFacts: (factIds: readonly string[]) => alertStatesOfFacts(open(), factIds),
    dueAlertStates: (due: Parameters<typeof dueAlertStates>[1]) => dueAlertStates(open(), due),
    decideAlerts: (decision: AlertDecision) => decideAlerts(open(), decision),
    takeDeliveries: (request: TakeDeliveries) => takeDeliveries(open(), request),
    changeRules: (change: RuleBookChange) => changeRules(open(), change),
    replayDelivery: (request: Parameters<typeof replayDelivery>[1]) => replayDelivery(open(), request),
    pruneAlerts: (request: PruneAlerts) => pruneAlerts(open(), request),
    noteAttempt: (note: AttemptNote) => noteAttempt(open(), note),
    close: () => {
      connection?.[Symbol.dispose]();
      connection = undefined;
    },
  },
  'GRAPH_REJECTED',
);
