// The part of the composition root that reads platforms, apart from main.ts so that other commands do not load it.
import { readFileSync } from 'node:fs';
import type { Config } from './config.ts';
import { BlueskyDecoder } from './consumers/formats/bluesky.ts';
import type { DecodedFrame, FrameDecoder, FrameFormat } from './consumers/formats/frame.ts';
import { MastodonDecoder } from './consumers/formats/mastodon.ts';
import type { PostOwners } from './consumers/formats/post-owners.ts';
import { XDecoder } from './consumers/formats/x.ts';
import type { RecordSource } from './consumers/record-source.ts';
import { BackOff } from './consumers/sources/back-off.ts';
import { BlueskyConnection } from './consumers/sources/bluesky-connection.ts';
import { FrameRecordSource } from './consumers/sources/frame-record-source.ts';
import type { LiveConnection } from './consumers/sources/live-connection.ts';
import { LiveRecordSource } from './consumers/sources/live-record-source.ts';
import { LruPostOwners } from './consumers/sources/lru-post-owners.ts';
import { MastodonConnection } from './consumers/sources/mastodon-connection.ts';
import { SourceState } from './consumers/sources/source-state.ts';
import { XConnection } from './consumers/sources/x-connection.ts';
import { parseXRules } from './consumers/sources/x-rules.ts';
import { GrapevineError, messageOf } from './errors.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Reads a file of a platform's frames as records of the native format. */
export function openFrames(
  format: FrameFormat,
  frames: RecordSource,
  config: Config,
  telemetry: Telemetry,
  onFrame: (frame: DecodedFrame) => void,
): RecordSource {
  const decoder = openDecoder(format, config, new LruPostOwners(config.SOURCE_OWNERS));
  return new FrameRecordSource({ frames, decoder, stage: 'extract', events: telemetry.events, onFrame });
}

/** A live source: the connection and what comes out of it. */
export interface LiveSource {
  readonly live: LiveRecordSource;
  /** Its records in the native format; disposing this ends the connection and keeps the cursor. */
  readonly records: RecordSource;
}

/** How a command follows a platform. */
export interface LiveSourceOptions {
  /** How far before the kept cursor to begin, milliseconds. */
  readonly rewindMs: number;
  readonly onFrame: (frame: DecodedFrame) => void;
}

/** Follows a platform from where the last run left off. @throws {CONFIG_INVALID} */
export async function openLiveSource(
  platform: FrameFormat,
  config: Config,
  telemetry: Telemetry,
  options: LiveSourceOptions,
): Promise<LiveSource> {
  const state = await SourceState.open({
    folder: config.SOURCE_STATE_DIR,
    name: platform,
    maxOwners: config.SOURCE_OWNERS,
  });
  const live = new LiveRecordSource({
    connection: openConnection(platform, config),
    state,
    backOff: new BackOff(),
    telemetry,
    rewindMs: options.rewindMs,
  });
  const decoder = openDecoder(platform, config, state.owners);
  const { events } = telemetry;
  const records = new FrameRecordSource({ frames: live, decoder, stage: 'source', events, onFrame: options.onFrame });
  return { live, records };
}

function openConnection(platform: FrameFormat, config: Config): LiveConnection {
  const common = { silenceMs: config.SOURCE_SILENCE_MS, maxFrameBytes: config.MAX_LINE_BYTES };
  if (platform === 'bluesky') {
    const collections = listOf(config.BLUESKY_COLLECTIONS);
    if (collections.length > 100)
      throw invalid(`BLUESKY_COLLECTIONS names ${collections.length} collections; at most 100`);
    return new BlueskyConnection({ ...common, url: config.BLUESKY_URL, collections });
  }
  if (platform === 'x') return openX(common, config);
  const tags = listOf(config.MASTODON_HASHTAGS).map((tag) => tag.replace(/^#/, ''));
  if (tags.length > 20) throw invalid(`MASTODON_HASHTAGS names ${tags.length} hashtags; at most 20`);
  const streams = tags.map((tag) => ({ stream: 'hashtag', tag }));
  return new MastodonConnection({
    ...common,
    url: config.MASTODON_URL,
    token: config.MASTODON_ACCESS_TOKEN,
    streams: streams.length > 0 ? streams : [{ stream: config.MASTODON_STREAM }],
  });
}

function openX(common: { silenceMs: number; maxFrameBytes: number }, config: Config): LiveConnection {
  if (config.X_BEARER_TOKEN === '') throw invalid('X_BEARER_TOKEN is not set; X streams to nobody without one');
  const file = config.X_RULES_FILE;
  return new XConnection({
    ...common,
    url: config.X_STREAM_URL,
    token: config.X_BEARER_TOKEN,
    ...(file !== undefined && { rules: parseXRules(readRules(file)) }),
    backfillMinutes: config.X_BACKFILL_MINUTES,
  });
}

function readRules(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw invalid(`X_RULES_FILE: ${messageOf(error)}`);
  }
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function invalid(what: string): GrapevineError {
  return new GrapevineError('CONFIG_INVALID', `opening a live source: ${what}`);
}

function openDecoder(format: FrameFormat, config: Config, owners: PostOwners): FrameDecoder {
  if (format === 'x') return new XDecoder(owners);
  if (format === 'bluesky') return new BlueskyDecoder();
  return new MastodonDecoder({ host: new URL(config.MASTODON_URL).host, owners });
}
