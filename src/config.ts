import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { parseDuration } from './domain/duration.ts';
import { GrapevineError, messageOf } from './errors.ts';
import { isNetwork } from './network/web-policy.ts';

const count = (fallback: number, minimum = 1) => z.coerce.number().int().min(minimum).default(fallback);
const duration = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => parseDuration(text) !== undefined, 'expected a time such as 30s, 5m, 24h or 7d');
const flag = (fallback: boolean) => z.stringbool().default(fallback);
const topic = (fallback: string) =>
  z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,200}$/, 'expected a Kafka name: letters, digits, dot, dash, underscore')
    .default(fallback);
const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
/** What a browser calls the origin of a page: scheme, host and a port that is not the standard one. */
const isOrigin = (text: string) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
const list = (fallback: string, isItem: (item: string) => boolean, what: string) =>
  z
    .string()
    .default(fallback)
    .refine((text) => items(text).every(isItem), `expected ${what}, separated by commas`);

/** The parts of a setting that is a list. */
export function items(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** An address to connect to; what is sent there is a secret or public posts, so it is in clear on this machine only. */
const address = (fallback: string, schemes: readonly string[]) =>
  z
    .string()
    .refine((value) => isAddress(value, schemes), {
      error: `expected ${schemes[0]}://HOST…, or ${schemes[1]}://… for an address of this machine`,
    })
    .default(fallback);

function isAddress(value: string, [secure, clear]: readonly string[]): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === `${secure}:` || (protocol === `${clear}:` && /^(localhost|127\.[\d.]+|\[::1\])$/.test(hostname));
}

/**
 * Every setting of Grapevine: an environment variable each, with what it means.
 * `docs/configuration.md` is generated from this table.
 */
export const settings = z.object({
  GRAPH_URL: z
    .string()
    .default('sqlite:grapevine.db')
    .describe('The graph: sqlite:PATH, neo4j://HOST:PORT or bolt://HOST:PORT.'),
  NEO4J_USERNAME: z.string().default('neo4j').describe('User name for Neo4j.'),
  NEO4J_PASSWORD: z.string().default('').describe('Password for Neo4j.').meta({ secret: true }),
  NEO4J_DATABASE: z.string().default('neo4j').describe('Database within Neo4j.'),
  NEO4J_RETRY_MS: count(15_000).describe('Longest time one transaction is retried inside the driver, milliseconds.'),
  BUNDLE_DIR: z
    .string()
    .default('')
    .describe('Folder of the model bundle; empty means the one that ships with Grapevine.'),
  DEVICE: z.enum(['cpu', 'cuda', 'webgpu']).default('cpu').describe('Where the model runs: docs/devices.md.'),
  MODEL_WORKERS: count(Math.min(availableParallelism(), 8)).describe(
    'Threads that run the model, each with its own copy of it; on WebGPU always one.',
  ),
  MODEL_IN_FLIGHT: count(256).describe('Most posts the model works on at once; more wait for their turn.'),
  BATCH_TOKENS: z.coerce
    .number()
    .int()
    .min(32)
    .optional()
    .describe('Padded word pieces of one text batch; without it 256 on a CPU and 8192 on a GPU.'),
  IMAGE_CACHE_BYTES: count(134_217_728).describe(
    'Memory for what the model made of pictures, bytes; a picture or region takes 147 kB at the small size.',
  ),
  REGION_DETECTOR: z
    .string()
    .optional()
    .describe('ONNX file of an object detector whose three best regions are read beside the whole picture.'),
  IMAGE_ROOT: z.string().optional().describe('Folder below which relative picture paths are read.'),
  IMAGE_MAX_BYTES: count(10_485_760).describe('Largest picture, file or fetched, bytes.'),
  FETCH_IMAGES: flag(true).describe('Fetch pictures that posts name by http or https URL, from public addresses only.'),
  IMAGE_TIMEOUT_MS: count(10_000).describe(
    'Longest time one picture is fetched, redirects and a second try included, milliseconds.',
  ),
  IMAGE_HTTPS_ONLY: flag(false).describe('Fetch pictures over https only.'),
  IMAGE_PORTS: list('80,443', isPort, 'ports').describe('Ports pictures are fetched from, separated by commas.'),
  IMAGE_HOSTS: list('', (host) => /^[a-z0-9.-]{1,253}$/i.test(host), 'host names').describe(
    'The only hosts pictures are fetched from, each with its subdomains, separated by commas; empty means any.',
  ),
  IMAGE_PRIVATE_NETWORKS: list('', isNetwork, 'networks, ADDRESS/BITS').describe(
    'Networks pictures are fetched from although they are not public, ADDRESS/BITS separated by commas: intranets, tests.',
  ),
  PICTURE_STORE: z
    .string()
    .regex(/^(|folder:.+|s3:\/\/[^/]+(\/.*)?)$/, 'expected folder:PATH or s3://BUCKET/PREFIX')
    .default('')
    .describe('Where small copies of pictures are kept: folder:PATH or s3://BUCKET/PREFIX; empty keeps none.'),
  PICTURE_LINK_KEY: z
    .string()
    .refine((key) => key === '' || key.length >= 32, 'expected 32 characters or more')
    .default('')
    .describe(
      'Signs the addresses of these copies that the API gives out; processes behind one address share it. Empty: a random one.',
    )
    .meta({ secret: true }),
  S3_ENDPOINT: z.url().optional().describe("URL of an S3-compatible server that is not Amazon's."),
  S3_REGION: z.string().default('us-east-1').describe('Region of the bucket.'),
  S3_ACCESS_KEY_ID: z
    .string()
    .default('')
    .describe('Key id for the bucket; without one the usual places of AWS clients are looked into.'),
  S3_SECRET_ACCESS_KEY: z.string().default('').describe('Secret of that key.').meta({ secret: true }),
  S3_TIMEOUT_MS: count(5_000).describe('Longest time for one request to the bucket, milliseconds.'),
  IMAGES_PER_POST: count(4).describe('Most pictures looked at for one post.'),
  SKIP_UNSUPPORTED_LANGUAGES: flag(true).describe(
    'Store posts whose own `lang` the bundle does not read without reading them.',
  ),
  WINDOW_RECORDS: count(256).describe('Most records in flight in one consumer.'),
  WINDOW_BYTES: count(67_108_864).describe('Most bytes of records in flight in one consumer.'),
  UPSERT_BATCH: count(256).describe('Most posts of one graph transaction.'),
  MAX_LINE_BYTES: count(1_048_576).describe('Longest line of a JSON Lines input, bytes.'),
  RELAY_INTERVAL_MS: count(500).describe('How often the outbox is looked at when nothing calls, milliseconds.'),
  RELAY_LEASE_MS: count(10_000).describe('Time after which another process may take over the outbox, milliseconds.'),
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
  HEALTH_STALL_MS: count(60_000).describe(
    'Time without a finished record, while some wait, after which /healthz says no, milliseconds; not while a dependency is down.',
  ),
  BLUESKY_URL: address('wss://jetstream2.us-east.bsky.network/subscribe', ['wss', 'ws']).describe(
    'Jetstream of Bluesky, version 1 (/subscribe) or 2 (…/network.bsky.jetstream.subscribeEvents).',
  ),
  BLUESKY_COLLECTIONS: z
    .string()
    .default('app.bsky.feed.post')
    .describe('Record collections asked of Jetstream, separated by commas; app.bsky.feed.repost adds reposts.'),
  X_STREAM_URL: address('https://api.x.com/2/tweets/search/stream', ['https', 'http']).describe(
    'Stream of X; a compliance stream is read as well.',
  ),
  X_BEARER_TOKEN: z.string().default('').describe('App-only bearer token for X.').meta({ secret: true }),
  X_RULES_FILE: z
    .string()
    .optional()
    .describe(
      'File with the rules of the filtered stream, one a line; without it those that X has are left as they are.',
    ),
  X_BACKFILL_MINUTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(5)
    .default(0)
    .describe('Longest gap that X is asked to fill after a reconnect, minutes; needs access that allows it.'),
  MASTODON_URL: address('https://mastodon.social', ['https', 'http']).describe(
    'Mastodon server: the one connected to, and the one whose ids a file of its frames has.',
  ),
  MASTODON_ACCESS_TOKEN: z
    .string()
    .default('')
    .describe('User token for Mastodon, read:statuses.')
    .meta({ secret: true }),
  MASTODON_STREAM: z
    .enum(['public', 'public:local', 'public:remote', 'public:media', 'public:local:media', 'public:remote:media'])
    .default('public')
    .describe('Timeline of Mastodon that is followed when no hashtags are.'),
  MASTODON_HASHTAGS: z.string().default('').describe('Hashtags followed on Mastodon, separated by commas, at most 20.'),
  SOURCE_STATE_DIR: z
    .string()
    .default('.grapevine')
    .describe('Folder in which a live source keeps its cursor; one source of a kind for each folder.'),
  SOURCE_SILENCE_MS: count(30_000, 100).describe(
    'Time without a sign of life after which a live source connects again, milliseconds; X sends one every 20 s.',
  ),
  SOURCE_OWNERS: count(100_000).describe('Posts whose author a live source remembers, for deletions that name none.'),
  DRAIN_MS: count(4_000).describe(
    'Time that work in flight gets to finish when a consumer is told to stop, milliseconds.',
  ),
  HOST: z.string().default('127.0.0.1').describe('Address the API listens on.'),
  PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(4000)
    .describe('Port the API listens on; 0 takes a free one.'),
  API_TOKENS_DIR: z
    .string()
    .default('.grapevine/tokens')
    .describe('Folder of the API tokens that `grapevine token create` makes, kept as hashes.'),
  API_REQUIRE_TOKEN: flag(false).describe(
    'Ask for a token on loopback, too: needed behind a reverse proxy. Elsewhere one is always asked for.',
  ),
  API_JWT_ISSUER: z
    .string()
    .optional()
    .describe('Issuer (iss) whose JSON Web Tokens let in, beside tokens of our own: docs/securing.md.'),
  API_JWT_AUDIENCE: z.string().optional().describe('Audience (aud) that such a token must name.'),
  API_JWT_JWKS_URL: z
    .string()
    .default('')
    .refine((url) => url === '' || isAddress(url, ['https', 'http']), {
      error: 'expected https://HOST…, or http://… for an address of this machine',
    })
    .describe('Where the issuer publishes its keys, a JSON Web Key Set; or name a file.'),
  API_JWT_KEYS: z.string().optional().describe("File of the issuer's keys: a JSON Web Key Set or a public key as PEM."),
  API_JWT_SCOPE_CLAIM: z.string().min(1).default('scope').describe('Claim with the scopes, words of a text or a list.'),
  API_JWT_SCOPE_PREFIX: z
    .string()
    .default('')
    .describe('What stands before read, write and admin there, such as grapevine: with its colon.'),
  METRICS_OPEN: flag(false).describe(
    'Show the metrics of consumers and sources without a token on addresses that other machines reach: only scrapers do.',
  ),
  API_CORS_ORIGINS: list('', isOrigin, 'origins such as https://news.example.com').describe(
    'Origins whose web pages may ask the API, separated by commas; on loopback without a token, too.',
  ),
  API_COST_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe(
      'Objects that the answers to one token may hold each minute; 0 sets no limit. Unused ones last for a minute.',
    ),
  API_INTROSPECTION: flag(true).describe('Answer questions about the GraphQL schema; GraphiQL needs that.'),
  API_OPERATIONS: z
    .string()
    .optional()
    .describe(
      'Documents that clients ask for by the SHA-256 of their text: a folder of .graphql files, or a JSON file by hash.',
    ),
  API_OPERATIONS_ONLY: flag(false).describe('Run these operations and no others; the page and GraphiQL need others.'),
  EVENT_POLL_MS: count(250).describe('How often subscriptions look for new events, milliseconds.'),
  ALERT_RULES: z.string().optional().describe('YAML file of alert rules: docs/alerts.md.'),
  ALERT_MAX_AGE: duration('24h').describe(
    'News about facts that no post has stated since this long ago fires no alert, such as 30m, 24h, 7d: imports of history.',
  ),
  ALERT_RETENTION: duration('30d').describe('How long alerts and the log of their deliveries are kept, such as 30d.'),
  ALERT_TIMEOUT_MS: count(15_000).describe('Longest time one delivery of an alert takes, milliseconds.'),
  ALERT_HTTPS_ONLY: flag(true).describe('Deliver alerts over https only, and by e-mail with TLS only.'),
  ALERT_PRIVATE_NETWORKS: list('', isNetwork, 'networks, ADDRESS/BITS').describe(
    'Networks alerts are delivered to although they are not public, ADDRESS/BITS separated by commas: intranets, tests.',
  ),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('What is logged on stderr.'),
});

const config = settings.superRefine((value, context) => {
  const problem = (name: keyof typeof value, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  const mechanism = value.KAFKA_SASL_MECHANISM;
  if ((mechanism === 'plain' || mechanism === 'oauthbearer') && !value.KAFKA_SSL) {
    const what = mechanism === 'plain' ? 'password' : 'token';
    problem('KAFKA_SASL_MECHANISM', `${mechanism} sends the ${what} in clear: set KAFKA_SSL=true`);
  }
  const sources = [value.KAFKA_SASL_OAUTH_TOKEN_PATH, value.KAFKA_SASL_OAUTH_ENDPOINT].filter(Boolean).length;
  if (mechanism === 'oauthbearer' && sources !== 1) {
    problem(
      'KAFKA_SASL_MECHANISM',
      'oauthbearer needs KAFKA_SASL_OAUTH_TOKEN_PATH or KAFKA_SASL_OAUTH_ENDPOINT, one of them',
    );
  }
  if (mechanism !== undefined && mechanism !== 'oauthbearer' && value.KAFKA_SASL_USERNAME === '') {
    problem('KAFKA_SASL_USERNAME', `${mechanism} needs one`);
  }
  if ((value.KAFKA_SSL_CERT_FILE === undefined) !== (value.KAFKA_SSL_KEY_FILE === undefined)) {
    problem('KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE go together');
  }
  if (value.API_OPERATIONS_ONLY && value.API_OPERATIONS === undefined) {
    problem('API_OPERATIONS_ONLY', 'needs API_OPERATIONS');
  }
  const keys = [value.API_JWT_JWKS_URL, value.API_JWT_KEYS].filter(Boolean).length;
  if (value.API_JWT_ISSUER !== undefined && (value.API_JWT_AUDIENCE === undefined || keys !== 1)) {
    problem('API_JWT_ISSUER', 'needs API_JWT_AUDIENCE, and API_JWT_JWKS_URL or API_JWT_KEYS, one of them');
  }
  if (value.API_JWT_ISSUER === undefined && (value.API_JWT_AUDIENCE !== undefined || keys > 0)) {
    problem('API_JWT_ISSUER', 'needed with the other settings of JSON Web Tokens');
  }
  if (value.KAFKA_HEARTBEAT_MS * 3 > value.KAFKA_SESSION_TIMEOUT_MS) {
    context.addIssue({
      code: 'custom',
      path: ['KAFKA_HEARTBEAT_MS'],
      message: 'expected at most a third of KAFKA_SESSION_TIMEOUT_MS',
    });
  }
  if (value.KAFKA_HEARTBEAT_MS < 100) {
    context.addIssue({ code: 'custom', path: ['KAFKA_HEARTBEAT_MS'], message: 'expected at least 100' });
  }
});

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
  const parsed = config.safeParse(given);
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
