import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Config } from '../config.ts';
import type { DeadLetters } from '../consumers/dead-letters.ts';
import type { FrameFormat } from '../consumers/formats/frame.ts';
import { RejectedLines } from '../consumers/jsonl/rejected-lines.ts';
import { type RecordSink, runSource } from '../consumers/source.ts';
import { GrapevineError } from '../errors.ts';
import { openHealth, openKafka, openLive, openTelemetry, openWindow } from '../main.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { configOf, exitingWith, type SettingOptions, withJsonOption } from './support/command.ts';
import { LimitedRecordSource } from './support/limited-record-source.ts';
import { printLine, tell } from './support/output.ts';
import { startProgress } from './support/progress.ts';
import { tellRejected } from './support/rejections.ts';
import { listenForShutdown, onAbort } from './support/shutdown.ts';
import { describeSource, SourceReport } from './support/source-report.ts';
import { StdoutRecordSink } from './support/stdout-record-sink.ts';

interface SourceOptions extends SettingOptions {
  readonly url?: string;
  readonly limit?: number;
  readonly httpPort?: number;
  readonly json?: boolean;
}

/** What a reader of the pipe may have taken and lost when both are killed, milliseconds of the stream. */
const PIPE_REWIND_MS = 60_000;

/** Adds `grapevine source …`. */
export function addSource(program: Command): void {
  const source = program.command('source').description('follow a platform: its live posts -> posts topic, or a pipe');
  platformCommand(source, 'bluesky', "follow Bluesky's public stream", '--collections app.bsky.feed.post')
    .option('--url <url>', 'Jetstream to read (BLUESKY_URL)')
    .option('--collections <list>', 'record collections, separated by commas (BLUESKY_COLLECTIONS)');
  platformCommand(source, 'x', 'follow the filtered stream of X; needs X_BEARER_TOKEN', '--rules rules.txt')
    .option('--url <url>', 'stream to read (X_STREAM_URL)')
    .option('--rules <file>', 'rules the stream is to have, one a line; others are deleted (X_RULES_FILE)');
  platformCommand(source, 'mastodon', 'follow a Mastodon server; needs MASTODON_ACCESS_TOKEN', '--hashtags oslo,bergen')
    .option('--url <url>', 'address of the server (MASTODON_URL)')
    .option(
      '--stream <name>',
      'public timeline: public, public:local, public:remote, each also with :media (MASTODON_STREAM)',
    )
    .option('--hashtags <list>', 'hashtags instead, separated by commas (MASTODON_HASHTAGS)');
}

function platformCommand(parent: Command, platform: FrameFormat, description: string, example: string): Command {
  const command = parent
    .command(platform)
    .description(description)
    .argument('[target]', '- prints the records; left out, they go to the posts topic', parseTarget)
    .option('--state <dir>', 'folder that keeps the cursor from run to run (SOURCE_STATE_DIR)')
    .addOption(new Option('--limit <number>', 'end after so many records').argParser(parseLimit))
    .option('--http-port <number>', 'serve /healthz, /readyz and /metrics on this port, 0 for a free one', parsePort)
    .addHelpText(
      'after',
      `\nExample:\n  $ grapevine source ${platform} - ${example} | grapevine ingest - --graph sqlite:live.db`,
    )
    .action(exitingWith((target: '-' | undefined, options: SourceOptions) => follow(platform, target, options)));
  return withJsonOption(command);
}

async function follow(platform: FrameFormat, target: '-' | undefined, options: SourceOptions): Promise<number> {
  const { url, limit, httpPort, json = false, ...settings } = options;
  const config = configOf({ ...settings, ...(url !== undefined && { [`${platform}Url`]: url }) });
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const rejected = new RejectedLines();
  await using to = await openTarget(target, config, telemetry, rejected);
  const report = new SourceReport(platform);
  const rewindMs = target === '-' ? PIPE_REWIND_MS : 0;
  const { live, records } = await openLive(platform, config, telemetry, {
    rewindMs,
    onFrame: (frame) => report.seeFrame(frame),
  });
  await using source = limit === undefined ? records : new LimitedRecordSource(records, limit);
  const notReady = () => (live.connected ? undefined : `${platform}: not connected`);
  // A connection that is lost is made again from inside; starting anew would not help.
  const judge = { notReady, notHealthy: () => undefined };
  await using health = httpPort === undefined ? null : await openHealth(config, httpPort, telemetry, judge);
  if (health) tell(`health and metrics: ${health.url}`);
  shutdown.onStop(() => source.stop());
  // While Kafka is down its producer would try for ever.
  onAbort(shutdown.abandon, () => void to[Symbol.asyncDispose]());
  const progress = startProgress(undefined, json);
  try {
    await runSource({
      source,
      sink: to.sink,
      deadLetters: to.deadLetters,
      window: openWindow(config),
      telemetry,
      name: platform,
      abandon: shutdown.abandon,
      onProduced: () => progress.update(0, report.produce()),
    });
  } catch (error) {
    // A reader such as `head` that has enough ends the command, without complaint.
    if (!to.readerLeft()) throw error;
  } finally {
    progress.stop();
  }
  const summary = report.summary(live, rejected.counts);
  const lines = json ? [JSON.stringify(summary)] : describeSource(summary);
  if (!json) tellRejected(rejected);
  // With `-` stdout belongs to the records.
  for (const line of lines) {
    if (target === '-') tell(line);
    else await printLine(line);
  }
  return shutdown.exitCode() ?? 0;
}

interface Target extends AsyncDisposable {
  readonly sink: RecordSink;
  readonly deadLetters: DeadLetters;
  readonly readerLeft: () => boolean;
}

async function openTarget(
  target: '-' | undefined,
  config: Config,
  telemetry: Telemetry,
  rejected: RejectedLines,
): Promise<Target> {
  if (target === '-') {
    const sink = new StdoutRecordSink();
    return {
      sink,
      deadLetters: rejected,
      readerLeft: () => sink.readerLeft,
      [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    };
  }
  if (!config.KAFKA_BROKERS) {
    throw new GrapevineError(
      'USAGE',
      'sending to the posts topic: KAFKA_BROKERS is not set; - prints the records instead',
    );
  }
  const kafka = await openKafka(config, telemetry);
  const letters = kafka.openDeadLetters('source');
  return {
    sink: kafka.posts,
    readerLeft: () => false,
    deadLetters: {
      async write(record, why) {
        await letters.write(record, why);
        await rejected.write(record, why);
      },
      async [Symbol.asyncDispose]() {},
    },
    async [Symbol.asyncDispose]() {
      await kafka[Symbol.asyncDispose]();
    },
  };
}

function parseTarget(value: string): '-' {
  if (value !== '-') throw new InvalidArgumentError('expected - or nothing');
  return value;
}

function parseLimit(value: string): number {
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1) throw new InvalidArgumentError('expected a number above 0');
  return limit;
}

function parsePort(value: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new InvalidArgumentError('expected 0 to 65535');
  return port;
}
