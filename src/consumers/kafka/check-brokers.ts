import type { Kafka } from 'kafkajs';
import { GrapevineError, messageOf } from '../../errors.ts';
import { type ApiVersions, fetchApiVersions, unsupportedApis } from './api-versions.ts';
import type { KafkaSettings } from './client.ts';
import { requireTopics } from './topics.ts';

/** What is checked before anything is consumed or produced. */
export interface BrokerCheck {
  readonly kafka: Kafka;
  readonly settings: KafkaSettings;
  /** Topics that must exist. */
  readonly topics: readonly string[];
  /** @default 3000 */
  readonly timeoutMs?: number;
}

/**
 * Rejects, with one sentence each, when no broker answers (KAFKA_UNREACHABLE), when it is too new for the client, when the
 * log-in fails, and when topics are missing (KAFKA_FAILED).
 *
 * The client itself never looks at the oldest version a broker speaks: without this check a too new broker shows as an
 * odd error in the middle of the work.
 */
export async function checkBrokers({ kafka, settings, topics, timeoutMs = 3_000 }: BrokerCheck): Promise<void> {
  const unsupported = unsupportedApis(await firstAnswer(settings, timeoutMs));
  if (unsupported.length > 0) {
    const message = `checking the Kafka brokers: they no longer speak ${unsupported.join(', ')} as this client does; use brokers of Kafka 2.1 to 4.x`;
    throw new GrapevineError('KAFKA_FAILED', message);
  }
  await requireTopics(kafka, topics);
}

async function firstAnswer({ brokers, tls }: KafkaSettings, timeoutMs: number): Promise<ApiVersions> {
  const answers = await Promise.allSettled(brokers.map((broker) => fetchApiVersions(broker, timeoutMs, tls)));
  const failures: string[] = [];
  for (const answer of answers) {
    if (answer.status === 'fulfilled') return answer.value;
    failures.push(connectionMessage(answer.reason));
  }
  const what = [...new Set(failures)].join('; ');
  const message = `connecting to Kafka at ${brokers.join(', ')}: ${what}; is the broker running? Set KAFKA_BROKERS to its HOST:PORT`;
  throw new GrapevineError('KAFKA_UNREACHABLE', message, { retryable: true });
}

/** A name with several addresses fails with one error for each and an empty message of its own. */
function connectionMessage(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  return messageOf(first);
}
