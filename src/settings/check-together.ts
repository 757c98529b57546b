import type { z } from 'zod';
import type { apiSettings } from './api.ts';
import type { kafkaSettings } from './kafka.ts';

type Checked = typeof apiSettings & typeof kafkaSettings;
type Values = Readonly<z.infer<z.ZodObject<Checked>>>;

/** What no setting can tell alone. */
export function checkTogether(value: Values, context: z.RefinementCtx): void {
  const problem = (name: keyof Values, message: string) => context.addIssue({ code: 'custom', path: [name], message });
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
}
