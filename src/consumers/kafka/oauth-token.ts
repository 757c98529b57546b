import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { z } from 'zod';
import { GrapevineError, messageOf } from '../../errors.ts';
import { VERIFIED } from './tls.ts';

/** Where bearer tokens for the brokers come from. */
export type OAuthSource =
  /** A file that holds one; whoever renews it writes it anew. */
  | { readonly file: string }
  /** A token endpoint that gives one for a client's credentials (RFC 6749, 4.4). */
  | {
      readonly endpoint: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope?: string;
      /** PEM of the authority that signed the endpoint's certificate; without it the system's authorities. */
      readonly ca?: string;
    };

/** Gives a token that is good for a login now. @throws {KAFKA_FAILED} without the token or the secret in its message */
export type TokenProvider = () => Promise<{ readonly value: string }>;

const TIMEOUT_MS = 5_000;
const MAX_ANSWER = 65_536;
/** A token is renewed this long before it ends. */
const MARGIN_MS = 30_000;

const answerSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().default(60),
});

/** Tokens from a source, each used until shortly before it ends. */
export function tokenProvider(source: OAuthSource): TokenProvider {
  if ('file' in source) return async () => ({ value: signed(await readToken(source.file), source.file) });
  let known: { readonly value: string; readonly until: number } | undefined;
  return async () => {
    if (!known || Date.now() >= known.until) {
      const { access_token, expires_in } = await askFor(source);
      const value = signed(access_token, source.endpoint);
      known = { value, until: Date.now() + expires_in * 1000 - MARGIN_MS };
    }
    return { value: known.value };
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw failed(`reading the token for the Kafka brokers from ${file}: ${messageOf(error)}`, error);
  }
}

async function askFor(source: Extract<OAuthSource, { endpoint: string }>): Promise<z.infer<typeof answerSchema>> {
  const { endpoint, clientId, clientSecret, scope, ca } = source;
  const doing = `asking ${endpoint} for a token for the Kafka brokers`;
  const dispatcher = new Agent({ connect: { ...VERIFIED, ...(ca !== undefined && { ca }) } });
  try {
    const login = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString('base64');
    const { statusCode, body } = await request(endpoint, {
      dispatcher,
      method: 'POST',
      headers: { authorization: `Basic ${login}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }).toString(),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await body.text()).slice(0, MAX_ANSWER);
    if (statusCode !== 200) throw failed(`${doing}: it answered ${statusCode}`);
    const answer = answerSchema.safeParse(parseJson(text));
    if (!answer.success) throw failed(`${doing}: the answer holds no access_token`);
    return answer.data;
  } catch (error) {
    if (error instanceof GrapevineError) throw error;
    throw failed(`${doing}: ${messageOf(error)}`, error);
  } finally {
    await dispatcher.close();
  }
}

/** Anybody can make an unsigned token: a broker that takes one checks nothing, and is not to be trusted with posts. */
function signed(token: string, from: string): string {
  if (token === '') throw failed(`logging in to the Kafka brokers: ${from} holds no token`);
  const [header = '', , signature] = token.split('.');
  const read = parseJson(Buffer.from(header, 'base64url').toString()) as { alg?: unknown } | undefined;
  const unsigned = typeof read?.alg === 'string' && (read.alg.toLowerCase() === 'none' || !signature);
  if (unsigned) throw failed(`logging in to the Kafka brokers: the token of ${from} is not signed`);
  return token;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(message: string, cause?: unknown): GrapevineError {
  return new GrapevineError('KAFKA_FAILED', message, { cause });
}
