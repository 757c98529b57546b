import { count, flag } from './kinds.ts';

/** What flows through one process, and how much of it at once. */
export const streamSettings = {
  IMAGES_PER_POST: count(4).describe('Most pictures looked at for one post.'),
  SKIP_UNSUPPORTED_LANGUAGES: flag(true).describe(
    'Store posts whose own `lang` the bundle does not read without reading them.',
  ),
  WINDOW_RECORDS: count(256).describe('Most records in flight in one consumer.'),
  WINDOW_BYTES: count(67_108_864).describe('Most bytes of records in flight in one consumer.'),
  UPSERT_BATCH: count(1024).describe(
    'Most posts of one graph transaction; as many as wait, a single one where none does.',
  ),
  UPSERT_WINDOW_RECORDS: count(2048).describe(
    'Most records in flight in the consumer of extractions, in place of WINDOW_RECORDS; twice UPSERT_BATCH keeps the graph busy.',
  ),
  MAX_LINE_BYTES: count(1_048_576).describe('Longest line of a JSON Lines input, bytes.'),
  RELAY_INTERVAL_MS: count(500).describe('How often the outbox is looked at when nothing calls, milliseconds.'),
  RELAY_LEASE_MS: count(10_000).describe('Time after which another process may take over the outbox, milliseconds.'),
  HEALTH_STALL_MS: count(60_000).describe(
    'Time without a finished record, while some wait, after which /healthz says no, milliseconds; not while a dependency is down.',
  ),
  DRAIN_MS: count(4_000).describe(
    'Time that work in flight gets to finish when a consumer is told to stop, milliseconds.',
  ),
};
