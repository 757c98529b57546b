import { createKafka, type KafkaSettings } from '../../src/consumers/kafka/client.ts';
import type { GroupConsumer } from '../../src/consumers/kafka/group-consumer.ts';
import { KafkajsGroupConsumer } from '../../src/consumers/kafka/kafkajs-group-consumer.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';

/** What a member is made from, whatever its client. */
export interface MemberOptions {
  readonly settings: KafkaSettings;
  readonly topic: string;
  readonly groupId: string;
  readonly telemetry: Telemetry;
  /** How soon new partitions are found, milliseconds. */
  readonly metadataAgeMs?: number;
}

/** Makes a member of a consumer group over a client of its own. */
export type MakeMember = (options: MemberOptions) => GroupConsumer;

/** Every client that Grapevine can read Kafka with; the contract of `GroupConsumer` judges each. */
export const CLIENTS = {
  kafkajs: ({ telemetry, ...options }) =>
    new KafkajsGroupConsumer({
      ...options,
      kafka: createKafka(options.settings, telemetry),
      logger: telemetry.logger,
    }),
} as const satisfies Record<string, MakeMember>;

/** Name of a client. */
export type ClientName = keyof typeof CLIENTS;

/** Names of all clients. */
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];
