import { z } from 'zod';
import { count, flag, isAddress, isOrigin, list } from './kinds.ts';

/** The API, and who may ask. */
export const apiSettings = {
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
  EVENT_POLL_MS: count(100).describe('How often subscriptions look for new events, milliseconds.'),
};
