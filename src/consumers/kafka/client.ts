import kafkajs, { type Kafka, type LogEntry } from 'kafkajs';
import type { Events } from '../../telemetry/events.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { registerCodecs } from './codecs/register.ts';
import type { TokenProvider } from './oauth-token.ts';
import { type KafkaTls, VERIFIED } from './tls.ts';

/** How to log in to the brokers. */
export type KafkaLogin =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: TokenProvider };

/** Where the brokers are and how long to wait for them. */
export interface KafkaSettings {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: KafkaTls;
  readonly login?: KafkaLogin;
  /** Time without heartbeat after which the group gives a member's partitions away. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Longest pause between two tries of the client. */
  readonly retryMs: number;
}

const CONNECT_TIMEOUT_MS = 3_000;

/** A Kafka client that logs through the given log. Make one for each consumer group: members of one share offsets. */
export function createKafka(settings: KafkaSettings, { logger, events }: Pick<Telemetry, 'logger' | 'events'>): Kafka {
  silenceTimeoutNegativeWarning();
  registerOnce();
  return new kafkajs.Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: settings.sessionTimeoutMs,
    ...(settings.tls ? { ssl: { ...settings.tls, ...VERIFIED } } : {}),
    ...(settings.login ? { sasl: saslOf(settings.login) } : {}),
    // Few tries here: what is above (consumer restart, producer loop) goes on for ever and says so in the log.
    retry: { initialRetryTime: 200, maxRetryTime: settings.retryMs, retries: 4, factor: 0.2, multiplier: 2 },
    logLevel: logger.isLevelEnabled('trace') ? kafkajs.logLevel.DEBUG : kafkajs.logLevel.INFO,
    logCreator: () => (entry) => forwardLog(logger, events, entry),
  });
}

function saslOf(login: KafkaLogin) {
  if (login.mechanism === 'oauthbearer') return { mechanism: 'oauthbearer', oauthBearerProvider: login.token } as const;
  const { username, password } = login;
  // The client's type ties each mechanism to its own options, which a union of mechanisms does not satisfy.
  if (login.mechanism === 'plain') return { mechanism: 'plain', username, password } as const;
  if (login.mechanism === 'scram-sha-256') return { mechanism: 'scram-sha-256', username, password } as const;
  return { mechanism: 'scram-sha-512', username, password } as const;
}

/** Said once by a fresh broker while it elects coordinators and leaders. */
const STARTING_UP = /coordinator is (not available|loading)|no leader for this|leadership election/i;
/** The consumer starts over; when it cannot, its run ends with an error of ours as well. */
const CRASHED = /^Crash: /;
/** The committed offset is gone from the log: what stood between it and the oldest record was never read. */
const LOST_ITS_PLACE = /^Offset out of range/;

/**
 * Writes a line of the client to our log, mostly well below its own level: what it calls an error it tries again,
 * several times a second during an outage, and what it gives up on reaches us as an error of its own.
 */
function forwardLog(logger: Logger, events: Events, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = log;
  const data = { ...fields, part: namespace, said: message };
  const text = 'the Kafka client reported';
  if (level === kafkajs.logLevel.DEBUG) logger.trace(data, text);
  else if (level !== kafkajs.logLevel.ERROR || STARTING_UP.test(`${message} ${fields.error ?? ''}`))
    logger.debug(data, text);
  else if (LOST_ITS_PLACE.test(message)) events.offsetReset({ client: namespace, message });
  else if (CRASHED.test(message)) logger.warn(data, text);
  else logger.info(data, text);
}

let registered = false;

function registerOnce(): void {
  if (!registered) registerCodecs();
  registered = true;
}

let silenced = false;

/**
 * Newer Node versions warn once when a timer gets a negative time, and kafkajs computes one at every connect (a throttle
 * time that is long over). The timer is right all the same, and an operator can do nothing about the warning. Every
 * other warning still appears.
 */
function silenceTimeoutNegativeWarning(): void {
  if (silenced) return;
  silenced = true;
  const emitWarning = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (...args: unknown[]) => {
    if (args[1] !== 'TimeoutNegativeWarning') emitWarning(...args);
  };
}
