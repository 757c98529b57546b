// The alerting part of the composition root.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AlertService } from './alerts/alert-service.ts';
import type { AlertSink } from './alerts/alert-sink.ts';
import type { AlertChannel } from './alerts/channel.ts';
import { readRuleFile } from './alerts/rule-file.ts';
import { isWebhookSecret } from './alerts/webhook/sign.ts';
import { WebhookAlertSink } from './alerts/webhook/webhook-alert-sink.ts';
import { type Config, items } from './config.ts';
import { parseDuration } from './domain/duration.ts';
import { GrapevineError, messageOf } from './errors.ts';
import type { OpenGraph } from './graph/open-graph.ts';
import { urlRules } from './network/web-policy.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** Starts deciding on and delivering the alerts of the rules that the settings name. @throws {CONFIG_INVALID} */
export function openAlerts(
  file: string,
  graph: OpenGraph,
  config: Config,
  { events }: Telemetry,
): AsyncDisposable & Pick<AlertService, 'decideUpTo'> {
  const { rules, channels } = readRuleFile(file);
  const sinks = new Map([...channels].map(([name, channel]) => [name, openAlertChannel(channel, config)]));
  const service = new AlertService({
    store: graph.alerts,
    reader: graph.reader,
    rules,
    sinks,
    retentionMs: parseDuration(config.ALERT_RETENTION) ?? 0,
    maxAgeMs: parseDuration(config.ALERT_MAX_AGE) ?? 0,
    holder: randomUUID(),
    leaseMs: config.ALERT_TIMEOUT_MS * 2 + 10_000,
    pollMs: config.EVENT_POLL_MS,
    events,
  });
  service.start();
  return {
    decideUpTo: (position) => service.decideUpTo(position),
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      for (const sink of sinks.values()) await sink[Symbol.asyncDispose]();
    },
  };
}

/** Opens a channel. @throws {CONFIG_INVALID} when its secret cannot be read or is none. */
export function openAlertChannel({ url, secretFile }: AlertChannel, config: Config): AlertSink {
  const rules = urlRules({
    httpsOnly: config.ALERT_HTTPS_ONLY,
    ports: [],
    hosts: [],
    privateNetworks: items(config.ALERT_PRIVATE_NETWORKS),
  });
  return new WebhookAlertSink({
    url,
    secrets: readSecrets(secretFile),
    // The operator names the receiver: what is kept away from are machines that are not public, whatever the port.
    rules: { ...rules, allowPort: () => true },
    timeoutMs: config.ALERT_TIMEOUT_MS,
  });
}

function readSecrets(file: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new GrapevineError(
      'CONFIG_INVALID',
      `reading the secret of a webhook: ${messageOf(error)}; check secretFile`,
    );
  }
  const secrets = text.split(/\s+/).filter((word) => word !== '');
  if (secrets.length >= 1 && secrets.length <= 2 && secrets.every(isWebhookSecret)) return secrets;
  const expected = 'expected one or two secrets, whsec_ and the base64 of 24 to 64 bytes, a line each';
  throw new GrapevineError(
    'CONFIG_INVALID',
    `reading the secret of a webhook: ${file} is not as it should be; ${expected}`,
  );
}
