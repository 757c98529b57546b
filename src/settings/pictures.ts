import { z } from 'zod';
import { isNetwork } from '../network/web-policy.ts';
import { count, flag, isPort, list } from './kinds.ts';

/** Pictures: where they come from, and where small copies are kept. */
export const picturesSettings = {
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
};
