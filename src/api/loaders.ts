import DataLoader from 'dataloader';
import type { Entity, Fact, StoredMention, StoredPost } from '../domain/graph.ts';
import type { MentionSpan } from '../graph/activity.ts';
import type { FactQuery, GraphReader } from '../graph/graph-reader.ts';
import { DecisionLog } from '../graph/plan/decision-log.ts';
import { readDecisions } from '../graph/read-decisions.ts';
import type { Alerting } from './alerting.ts';

/** Reads by id that are batched within one answer; undefined where there is no such object. */
export interface Loaders {
  readonly entities: DataLoader<string, Entity | undefined>;
  readonly facts: DataLoader<string, Fact | undefined>;
  /** How many facts a query matches. */
  readonly factCounts: DataLoader<FactQuery, number>;
  readonly posts: DataLoader<string, StoredPost | undefined>;
  readonly mentions: DataLoader<string, StoredMention | undefined>;
  /** When posts mention an entity. */
  readonly mentionSpans: DataLoader<string, MentionSpan | undefined>;
  /** Mentions of a post, in text order. */
  readonly mentionsOfPost: DataLoader<string, readonly StoredMention[]>;
  /** What people decided, read when it is first asked for. */
  readonly decisionLog: () => Promise<DecisionLog>;
  /** Templates of alert rules by their name, read when they are first asked for. */
  readonly alertTemplates: () => Promise<ReadonlyMap<string, string>>;
}

/** What loaders read from. */
export interface LoaderParts {
  readonly reader: GraphReader;
  readonly alerting: Pick<Alerting, 'book'>;
}

/** Longest list of ids in one call of the reader. */
const MAX_BATCH_SIZE = 500;

/** Fresh loaders, for one request or one event. */
export function freshLoaders({ reader, alerting }: LoaderParts): Loaders {
  const options = { maxBatchSize: MAX_BATCH_SIZE };
  let log: Promise<DecisionLog> | undefined;
  let templates: Promise<ReadonlyMap<string, string>> | undefined;
  return {
    entities: new DataLoader((ids) => reader.entitiesById(ids), options),
    facts: new DataLoader((ids) => reader.factsById(ids), options),
    factCounts: new DataLoader((queries) => reader.countFacts(queries), { ...options, cacheKeyFn: JSON.stringify }),
    posts: new DataLoader((ids) => reader.postsById(ids), options),
    mentions: new DataLoader((ids) => reader.mentionsById(ids), options),
    mentionSpans: new DataLoader((ids) => reader.mentionSpans(ids), options),
    mentionsOfPost: new DataLoader((ids) => reader.mentionsOfPosts(ids), options),
    decisionLog: () => {
      log ??= readDecisions(reader).then((decisions) => new DecisionLog(decisions));
      return log;
    },
    alertTemplates: () => {
      templates ??= alerting.book.rules().then((rules) => {
        return new Map(rules.flatMap(({ name, rule }) => (rule ? [[name, rule.template] as const] : [])));
      });
      return templates;
    },
  };
}
