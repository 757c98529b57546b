import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GrapevineError, messageOf } from './errors.ts';
import { alertsSettings } from './settings/alerts.ts';
import { apiSettings } from './settings/api.ts';
import { checkTogether } from './settings/check-together.ts';
import { graphSettings } from './settings/graph.ts';
import { kafkaSettings } from './settings/kafka.ts';
import { modelSettings } from './settings/model.ts';
import { picturesSettings } from './settings/pictures.ts';
import { sourcesSettings } from './settings/sources.ts';
import { streamSettings } from './settings/stream.ts';

/**
 * Every setting of Grapevine: an environment variable each, with what it means.
 * `docs/configuration.md` is generated from this table.
 */
export const settings = z.object({
  ...graphSettings,
  ...modelSettings,
  ...picturesSettings,
  ...streamSettings,
  ...kafkaSettings,
  ...sourcesSettings,
  ...apiSettings,
  ...alertsSettings,
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('What is logged on stderr.'),
});

const checked = settings.superRefine(checkTogether);

/** The effective settings, validated and frozen. */
export type Config = Readonly<z.infer<typeof settings>>;

/** Names of all settings. */
export const settingNames = Object.keys(settings.shape) as readonly (keyof Config)[];

/** True for a setting that must never be shown. */
export function isSecret(name: keyof Config): boolean {
  return settings.shape[name].meta()?.['secret'] === true;
}

/**
 * Reads the settings from an environment; `overrides` (command-line options) win. A secret may also come as `NAME_FILE`.
 *
 * @throws {CONFIG_INVALID} naming every problem at once.
 */
export function loadConfig(
  env: Readonly<Record<string, string | undefined>> = process.env,
  overrides: Readonly<Record<string, string | undefined>> = {},
): Config {
  const problems: string[] = [];
  const given: Record<string, string> = {};
  for (const name of settingNames) {
    // An empty variable is how a shell says that there is none.
    const value = overrides[name] ?? (env[name] || (isSecret(name) ? readSecretFile(name, env, problems) : undefined));
    if (value) given[name] = value;
  }
  const parsed = checked.safeParse(given);
  if (!parsed.success)
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (problems.length > 0 || !parsed.success) {
    throw new GrapevineError('CONFIG_INVALID', `reading the settings:\n  ${problems.join('\n  ')}`);
  }
  return Object.freeze(parsed.data);
}

function readSecretFile(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): string | undefined {
  const file = env[`${name}_FILE`];
  if (!file) return undefined;
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    problems.push(`${name}_FILE: ${messageOf(error)}`);
    return undefined;
  }
}
