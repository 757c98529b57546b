// The alerting part of the composition root.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AlertService } from './alerts/alert-service.ts';
import type { AlertMessage, AlertSink } from './alerts/alert-sink.ts';
import type { AlertChannel } from './alerts/channel.ts';
import { discordMessage } from './alerts/chat/discord.ts';
import { slackMessage } from './alerts/chat/slack.ts';
import { EmailAlertSink } from './alerts/email/email-alert-sink.ts';
import { HttpAlertSink, type WriteAlert } from './alerts/http/http-alert-sink.ts';
import { isWebhookSecret } from './alerts/http/sign.ts';
import { plainJson, standardWebhook } from './alerts/http/write-json.ts';
import { TopicAlertSink } from './alerts/kafka/topic-alert-sink.ts';
import { LogAlertSink } from './alerts/log/log-alert-sink.ts';
import { NO_RULES, RuleBook } from './alerts/rule-book.ts';
import { readRuleFile } from './alerts/rule-file.ts';
import { sendTest } from './alerts/send-test.ts';
import type { Alerting } from './api/alerting.ts';
import type { Config } from './config.ts';
import { parseDuration } from './domain/duration.ts';
import { GrapevineError, messageOf } from './errors.ts';
import type { OpenGraph } from './graph/open-graph.ts';
import { urlRules } from './network/web-policy.ts';
import { checkWebUrl, type UrlRefusal, type UrlRules } from './network/web-url.ts';
import { items } from './settings/kinds.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

/** The alerting of one process. */
export interface OpenAlerting extends Alerting, AsyncDisposable {
  /** Starts deciding on and delivering alerts, until this is disposed of. */
  start(): Pick<AlertService, 'decideUpTo'>;
}

/** Opens rules and channels: those of the file that the settings name, and rules that stand beside the graph. @throws {CONFIG_INVALID} */
export function openAlerting(graph: OpenGraph, config: Config, telemetry: Telemetry): OpenAlerting {
  const { events } = telemetry;
  const file = config.ALERT_RULES === undefined ? NO_RULES : readRuleFile(config.ALERT_RULES);
  const book = new RuleBook({ file, store: graph.alerts });
  const log = ({ id, type, data }: AlertMessage) => events.alertLogged({ id, type, data });
  const sinks = new Map(
    [...file.channels].map(([name, channel]) => [name, openAlertChannel(channel, { config, telemetry, log })]),
  );
  const service = new AlertService({
    store: graph.alerts,
    reader: graph.reader,
    book,
    sinks,
    retentionMs: parseDuration(config.ALERT_RETENTION) ?? 0,
    maxAgeMs: alertMaxAge(config),
    holder: randomUUID(),
    leaseMs: config.ALERT_TIMEOUT_MS * 2 + 10_000,
    pollMs: config.EVENT_POLL_MS,
    events,
  });
  return {
    book,
    log: graph.alerts,
    maxAgeMs: alertMaxAge(config),
    async sendTest(channel) {
      const sink = sinks.get(channel);
      return sink && sendTest(sink, channel);
    },
    start() {
      service.start();
      return service;
    },
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      for (const sink of sinks.values()) await sink[Symbol.asyncDispose]();
    },
  };
}

/** News about facts that were last said longer ago wakes nobody, milliseconds. */
export function alertMaxAge(config: Config): number {
  return parseDuration(config.ALERT_MAX_AGE) ?? 0;
}

/** What channels are opened with. */
interface ChannelParts {
  readonly config: Config;
  readonly telemetry: Telemetry;
  /** What a channel of kind `log` writes with. */
  readonly log: (message: AlertMessage) => void;
}

/** Opens a channel. @throws {CONFIG_INVALID} when a file of its secrets cannot be used, or it needs brokers and there are none. */
export function openAlertChannel(channel: AlertChannel, { config, telemetry, log }: ChannelParts): AlertSink {
  if (channel.kind === 'log') return new LogAlertSink(log);
  if (channel.kind === 'kafka') {
    if (config.KAFKA_BROKERS === undefined)
      throw new GrapevineError(
        'CONFIG_INVALID',
        `opening an alert channel: topic ${channel.topic}: KAFKA_BROKERS is not set`,
      );
    return new TopicAlertSink({
      open: async () => (await import('./main-kafka.ts')).openRecordLog(config, telemetry, channel.topic),
      timeoutMs: config.ALERT_TIMEOUT_MS,
    });
  }
  const rules = urlRules({
    httpsOnly: config.ALERT_HTTPS_ONLY,
    ports: [],
    hosts: [],
    privateNetworks: items(config.ALERT_PRIVATE_NETWORKS),
  });
  if (channel.kind === 'email') {
    const { server, from, to, loginFile } = channel;
    return new EmailAlertSink({
      server,
      from,
      to,
      login: loginFile === undefined ? undefined : readLogin(loginFile),
      allowAddress: rules.allowAddress,
      requireTls: config.ALERT_HTTPS_ONLY,
      timeoutMs: config.ALERT_TIMEOUT_MS,
    });
  }
  // The operator names the receiver: what is kept away from are machines that are not public, whatever the port.
  const ofReceiver = { ...rules, allowPort: () => true };
  return new HttpAlertSink({
    url: checkReceiver('url' in channel ? channel.url : readUrl(channel.urlFile), ofReceiver),
    write: writerOf(channel),
    rules: ofReceiver,
    timeoutMs: config.ALERT_TIMEOUT_MS,
  });
}

const WHY_REFUSED: Readonly<Record<UrlRefusal, string>> = {
  bad_url: 'it is no usable URL',
  scheme: 'it is not https, and ALERT_HTTPS_ONLY is set',
  credentials: 'it holds a user or password; a receiver that needs one gets a token of tokenFile',
  port: 'its port is not allowed',
  blocked_address:
    'it leads to a machine that is not public; name its network in ALERT_PRIVATE_NETWORKS if it is yours',
  host_not_allowed: 'its host is not allowed',
};

/** An address that never gets an alert is told at the start, not after days of attempts. */
function checkReceiver(url: string, rules: UrlRules): string {
  const checked = checkWebUrl(url, rules);
  if ('url' in checked) return url;
  const host = URL.canParse(url) ? new URL(url).host : 'its address';
  throw new GrapevineError('CONFIG_INVALID', `opening an alert channel: ${host}: ${WHY_REFUSED[checked.outcome]}`);
}

function writerOf(channel: Exclude<AlertChannel, { kind: 'log' | 'email' | 'kafka' }>): WriteAlert {
  if (channel.kind === 'webhook') return standardWebhook(readSecrets(channel.secretFile));
  if (channel.kind === 'slack') return slackMessage;
  if (channel.kind === 'discord') return discordMessage;
  return plainJson(channel.tokenFile === undefined ? undefined : readToken(channel.tokenFile));
}

function readSecrets(file: string): readonly string[] {
  const secrets = wordsIn(file, 'secretFile');
  if (secrets.length >= 1 && secrets.length <= 2 && secrets.every(isWebhookSecret)) return secrets;
  throw badFile(file, 'expected one or two secrets, whsec_ and the base64 of 24 to 64 bytes, a line each');
}

function readUrl(file: string): string {
  const [url, ...more] = wordsIn(file, 'urlFile');
  if (url !== undefined && more.length === 0 && /^https?:/.test(url) && URL.canParse(url)) return url;
  throw badFile(file, 'expected one http or https URL');
}

function readToken(file: string): string {
  const [token, ...more] = wordsIn(file, 'tokenFile');
  if (token !== undefined && more.length === 0 && /^[\x21-\x7e]+$/.test(token)) return token;
  throw badFile(file, 'expected one token');
}

function readLogin(file: string): { readonly user: string; readonly pass: string } {
  const [user, pass, ...more] = wordsIn(file, 'loginFile');
  if (user !== undefined && pass !== undefined && more.length === 0) return { user, pass };
  throw badFile(file, 'expected a user and a password, a line each');
}

function wordsIn(file: string, key: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .split(/\s+/)
      .filter((word) => word !== '');
  } catch (error) {
    throw new GrapevineError(
      'CONFIG_INVALID',
      `reading the secret of an alert channel: ${messageOf(error)}; check ${key}`,
    );
  }
}

/** What stands in the file is a secret: it is not said. */
function badFile(file: string, expected: string): GrapevineError {
  return new GrapevineError(
    'CONFIG_INVALID',
    `reading the secret of an alert channel: ${file} is not as it should be; ${expected}`,
  );
}
