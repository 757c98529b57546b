// The alerting part of the composition root.
import { readFileSync } from 'node:fs';
import type { AlertSink } from './alerts/alert-sink.ts';
import type { AlertChannel } from './alerts/channel.ts';
import { isWebhookSecret } from './alerts/webhook/sign.ts';
import { WebhookAlertSink } from './alerts/webhook/webhook-alert-sink.ts';
import { type Config, items } from './config.ts';
import { GrapevineError, messageOf } from './errors.ts';
import { urlRules } from './network/web-policy.ts';

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
