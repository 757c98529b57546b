import type { Command } from 'commander';
import { runExtract } from '../consumers/extract.ts';
import type { ExtractionSink } from '../consumers/extraction-sink.ts';
import { ReproducibleDecoder } from '../consumers/formats/reproducible.ts';
import { JsonlRecordSource } from '../consumers/jsonl/jsonl-record-source.ts';
import { RejectedLines } from '../consumers/jsonl/rejected-lines.ts';
import type { Extraction } from '../domain/extraction.ts';
import { openExtractor, openFormat, openImages, openTelemetry, openWindow } from '../main.ts';
import {
  configOf,
  exitingWith,
  type FormatOptions,
  type SettingOptions,
  withFormatOption,
  withImageOption,
  withModelOptions,
} from './support/command.ts';
import { openInput } from './support/input.ts';
import { printLine } from './support/output.ts';
import { tellRejected } from './support/rejections.ts';
import { listenForShutdown } from './support/shutdown.ts';

/** Adds `grapevine extract`. */
export function addExtract(program: Command): void {
  const command = program
    .command('extract')
    .description('print what the model finds: one extraction a line, in input order; no graph')
    .argument('<file>', 'JSON Lines of posts, or frames of a platform; - for standard input')
    .option('--scores', "add the model's scores: pieces, first, emissions, path, relations")
    .addHelpText(
      'after',
      [
        '',
        'A record may bring results of earlier steps along: words, regions and pairs (docs/native-format.md).',
        '',
        'Examples:',
        '  $ grapevine extract posts.jsonl | head -n 3',
        '  $ grapevine extract --bundle my-bundle --scores words.jsonl',
      ].join('\n'),
    )
    .action(exitingWith(extract));
  for (const add of [withFormatOption, withModelOptions, withImageOption]) add(command);
}

/** Prints each extraction as it comes. */
class StdoutExtractionSink implements ExtractionSink {
  #last: Promise<void> = Promise.resolve();

  write(extraction: Extraction): Promise<void> {
    this.#last = this.#last.then(() => printLine(JSON.stringify(extraction)));
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
  }
}

interface ExtractCommandOptions extends SettingOptions, FormatOptions {
  readonly scores?: boolean;
}

async function extract(file: string, options: ExtractCommandOptions): Promise<number> {
  const config = configOf(options);
  const telemetry = openTelemetry(config);
  const shutdown = listenForShutdown(config.DRAIN_MS);
  const input = await openInput(file);
  await using extractor = await openExtractor(config, telemetry, shutdown.abandon);
  await using images = await openImages(config, telemetry, { fallbackRoot: input.folder });
  await using sink = new StdoutExtractionSink();
  const lines = new JsonlRecordSource({ input: input.stream, maxLineBytes: config.MAX_LINE_BYTES });
  await using source = await openFormat(options.format, lines, config, telemetry);
  const rejected = new RejectedLines();
  const { decode, givenOf } = new ReproducibleDecoder();
  shutdown.onStop(() => source.stop());
  await runExtract({
    source,
    decode,
    givenOf,
    scores: options.scores ?? false,
    images,
    extractor,
    sink,
    deadLetters: rejected,
    window: openWindow(config),
    telemetry,
    abandon: shutdown.abandon,
    maxImages: config.IMAGES_PER_POST,
    skipUnsupportedLanguages: config.SKIP_UNSUPPORTED_LANGUAGES,
    inInputOrder: true,
  });
  tellRejected(rejected);
  return shutdown.exitCode() ?? 0;
}
