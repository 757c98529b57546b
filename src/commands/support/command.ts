import { type Command, Option } from 'commander';
import { type Config, loadConfig } from '../../config.ts';
import type { FrameFormat } from '../../consumers/formats/frame.ts';
import { GrapevineError } from '../../errors.ts';

/** How options of the command line name settings: the option's key and the setting it overrides. */
const OPTION_SETTINGS = {
  graph: 'GRAPH_URL',
  bundle: 'BUNDLE_DIR',
  device: 'DEVICE',
  detector: 'REGION_DETECTOR',
  imageRoot: 'IMAGE_ROOT',
  host: 'HOST',
  port: 'PORT',
  blueskyUrl: 'BLUESKY_URL',
  collections: 'BLUESKY_COLLECTIONS',
  xUrl: 'X_STREAM_URL',
  rules: 'X_RULES_FILE',
  mastodonUrl: 'MASTODON_URL',
  stream: 'MASTODON_STREAM',
  hashtags: 'MASTODON_HASHTAGS',
  state: 'SOURCE_STATE_DIR',
  alertRules: 'ALERT_RULES',
} as const;

/** The options of a command that override settings. */
export type SettingOptions = { readonly [key in keyof typeof OPTION_SETTINGS]?: string };

/** What `--format` says. */
export interface FormatOptions {
  readonly format: 'native' | FrameFormat;
}

/** The settings of a command: the environment with its options on top. */
export function configOf(options: SettingOptions): Config {
  const overrides: Record<string, string | undefined> = {};
  for (const [option, setting] of Object.entries(OPTION_SETTINGS)) {
    const value = options[option as keyof SettingOptions];
    // Most likely an unset variable of a script: falling back to the default would write somewhere else.
    if (value === '') throw new GrapevineError('USAGE', `reading the options: the value for ${setting} is empty`);
    overrides[setting] = value;
  }
  return loadConfig(undefined, overrides);
}

/** Adds `--graph` to a command. */
export function withGraphOption(command: Command): Command {
  return command.option('--graph <url>', 'sqlite:PATH, neo4j://HOST:PORT or bolt://HOST:PORT (GRAPH_URL)');
}

/** Adds the options that choose and place the model. */
export function withModelOptions(command: Command): Command {
  return withDeviceOptions(
    command.option(
      '--bundle <dir>',
      'folder of the model bundle (BUNDLE_DIR; default: the one that ships with Grapevine)',
    ),
  );
}

/** Adds the options that say how a model is run. */
export function withDeviceOptions(command: Command): Command {
  return command
    .option('--device <device>', 'where the model runs: cpu, cuda or webgpu (DEVICE)')
    .option('--detector <file>', 'ONNX file of an object detector that finds regions in pictures (REGION_DETECTOR)');
}

/** Adds `--image-root` to a command that reads a file. */
export function withImageOption(command: Command): Command {
  return command.option(
    '--image-root <dir>',
    "folder of relative picture paths (IMAGE_ROOT; default: the file's own folder)",
  );
}

/** Adds `--json` to a command. */
export function withJsonOption(command: Command): Command {
  return command.option('--json', 'print one JSON document instead of text');
}

/** Adds `--format` to a command. */
export function withFormatOption(command: Command): Command {
  return command.addOption(
    new Option('--format <format>', 'shape of the input: the native one, or frames as a platform streams them')
      .choices(['native', 'x', 'bluesky', 'mastodon'])
      .default('native'),
  );
}

/** Turns a command's function into an action: what it returns becomes the exit code of the process. */
export function exitingWith<A extends readonly unknown[]>(
  run: (...args: A) => Promise<number>,
): (...args: A) => Promise<void> {
  return async (...args) => {
    process.exitCode = await run(...args);
  };
}
