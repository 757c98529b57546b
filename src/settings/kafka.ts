import { z } from 'zod';
import { count, flag, topic } from './kinds.ts';

/** Kafka. */
export const kafkaSettings = {
  KAFKA_BROKERS: z.string().optional().describe('Kafka brokers, HOST:PORT separated by commas.'),
  KAFKA_CLIENT_ID: topic('grapevine').describe('Client id shown to the brokers.'),
  KAFKA_GROUP_PREFIX: topic('grapevine').describe('Consumer groups are PREFIX-extract and PREFIX-upsert.'),
  KAFKA_TOPIC_POSTS: topic('posts').describe('Topic of posts.'),
  KAFKA_TOPIC_EXTRACTIONS: topic('extractions').describe('Topic of extractions.'),
  KAFKA_TOPIC_EVENTS: topic('graph-events').describe('Topic of graph events.'),
  KAFKA_PARTITIONS: count(6).describe('Partitions of topics that `grapevine topics create` makes.'),
  KAFKA_REPLICATION: count(1).describe('Replication factor of topics that `grapevine topics create` makes.'),
  KAFKA_SESSION_TIMEOUT_MS: count(10_000).describe(
    'Time without heartbeat after which a consumer is taken for dead, milliseconds.',
  ),
  KAFKA_HEARTBEAT_MS: count(2_000).describe('Time between heartbeats, milliseconds.'),
  KAFKA_RETRY_MS: count(3_000).describe('Longest pause between tries of the Kafka client, milliseconds.'),
  KAFKA_COMMIT_INTERVAL_MS: count(1_000).describe('How often offsets are committed, milliseconds.'),
  KAFKA_SSL: flag(false).describe('Talk TLS to the brokers.'),
  KAFKA_SSL_CA_FILE: z.string().optional().describe('PEM file of the certificate authority that signed the brokers.'),
  KAFKA_SSL_CERT_FILE: z
    .string()
    .optional()
    .describe("PEM file of this client's certificate, for brokers that ask for one."),
  KAFKA_SSL_KEY_FILE: z.string().optional().describe('PEM file of the key of that certificate.'),
  KAFKA_SASL_MECHANISM: z
    .enum(['scram-sha-256', 'scram-sha-512', 'plain', 'oauthbearer'])
    .optional()
    .describe('How to log in to the brokers.'),
  KAFKA_SASL_USERNAME: z.string().default('').describe('User name for the brokers.'),
  KAFKA_SASL_PASSWORD: z.string().default('').describe('Password for the brokers.').meta({ secret: true }),
  KAFKA_SASL_OAUTH_TOKEN_PATH: z
    .string()
    .optional()
    .describe('File of the bearer token, read anew at every login; or name an endpoint.'),
  KAFKA_SASL_OAUTH_ENDPOINT: z
    .url({ protocol: /^https$/, error: 'expected an https URL' })
    .optional()
    .describe(
      'Token endpoint that is asked with client credentials; its certificate may be signed by KAFKA_SSL_CA_FILE.',
    ),
  KAFKA_SASL_OAUTH_CLIENT_ID: z.string().default('').describe('Client id for the token endpoint.'),
  KAFKA_SASL_OAUTH_CLIENT_SECRET: z
    .string()
    .default('')
    .describe('Client secret for the token endpoint.')
    .meta({ secret: true }),
  KAFKA_SASL_OAUTH_SCOPE: z.string().default('').describe('Scope that is asked for at the token endpoint.'),
};
