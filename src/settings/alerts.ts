import { z } from 'zod';
import { isNetwork } from '../network/web-policy.ts';
import { count, duration, flag, list } from './kinds.ts';

/** Alerts. */
export const alertsSettings = {
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
};
