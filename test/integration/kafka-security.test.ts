import { execFileSync } from 'node:child_process';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { available } from '../../scripts/servers/jars.mjs';
import { type KafkaServers, startKafka } from '../../scripts/servers/kafka.mjs';
import { freePort } from '../../scripts/servers/net.mjs';
import { createKafka } from '../../src/consumers/kafka/client.ts';
import { tokenProvider } from '../../src/consumers/kafka/oauth-token.ts';
import { runCli } from '../helpers/cli.ts';
import { quietTelemetry, randomName } from '../helpers/kafka-broker.ts';

const JAAS = 'org.apache.kafka.common.security';
const PASSWORD = 'correct horse';
const AUDIENCE = 'kafka';
const ISSUER = 'grapevine-test';

let folder: string;
let kafka: KafkaServers | undefined;
let secure: number;
let mutual: number;
const file = (name: string) => join(folder, name);
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A certificate for 127.0.0.1, signed by an authority of the test. */
function makeCertificate(name: string, authority: string): void {
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
  );
  const signing = ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-extfile', 'names.cnf'];
  openssl('x509', '-req', '-in', `${name}.csr`, '-days', '2', '-out', `${name}.pem`, ...signing);
}

function makeAuthority(name: string): void {
  const subject = ['-subj', `/CN=${name}`];
  const args = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.pem`,
  ];
  execFileSync('openssl', [...args, ...subject], { cwd: folder, stdio: 'pipe' });
}

/** A signed token, or one that is not. */
function token(alg: 'RS256' | 'none' = 'RS256', lifetime = 3600): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: 'grapevine', aud: AUDIENCE, iss: ISSUER, iat: now, exp: now + lifetime };
  const content = `${part({ alg, typ: 'JWT', kid: 'test' })}.${part(claims)}`;
  if (alg === 'none') return `${content}.`;
  return `${content}.${createSign('RSA-SHA256').update(content).sign(privateKey, 'base64url')}`;
}

beforeAll(async () => {
  if (!available().ok) return;
  folder = await mkdtemp(join(tmpdir(), 'grapevine-security-'));
  await writeFile(file('names.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  makeAuthority('authority');
  makeAuthority('stranger');
  makeCertificate('broker', 'authority');
  makeCertificate('client', 'authority');
  await writeFile(file('store.pem'), readFileSync(file('broker.key')));
  await appendFile(file('store.pem'), readFileSync(file('broker.pem')));
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' };
  await writeFile(file('keys.json'), JSON.stringify({ keys: [key] }));
  [secure, mutual] = [await freePort(), await freePort()];
  const jwks = `file://${file('keys.json')}`;
  // The broker reads key sets from named places only.
  process.env['JAVA_TOOL_OPTIONS'] = `-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${jwks}`;
  try {
    kafka = await startKafka({
      listeners: { SECURE: { port: secure, protocol: 'SASL_SSL' }, MUTUAL: { port: mutual, protocol: 'SSL' } },
      format: ['256', '512'].flatMap((bits) => ['--add-scram', `SCRAM-SHA-${bits}=[name=ana,password=${PASSWORD}]`]),
      config: {
        'ssl.keystore.type': 'PEM',
        'ssl.keystore.location': file('store.pem'),
        'ssl.truststore.type': 'PEM',
        'ssl.truststore.location': file('authority.pem'),
        'listener.name.mutual.ssl.client.auth': 'required',
        'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
        'listener.name.secure.plain.sasl.jaas.config': `${JAAS}.plain.PlainLoginModule required user_ana="${PASSWORD}";`,
        'listener.name.secure.scram-sha-256.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
        'listener.name.secure.scram-sha-512.sasl.jaas.config': `${JAAS}.scram.ScramLoginModule required;`,
        'listener.name.secure.oauthbearer.sasl.jaas.config': `${JAAS}.oauthbearer.OAuthBearerLoginModule required;`,
        'listener.name.secure.oauthbearer.sasl.server.callback.handler.class': `${JAAS}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
        'listener.name.secure.oauthbearer.sasl.oauthbearer.jwks.endpoint.url': jwks,
        'listener.name.secure.oauthbearer.sasl.oauthbearer.expected.audience': AUDIENCE,
        'listener.name.secure.oauthbearer.sasl.oauthbearer.expected.issuer': ISSUER,
      },
    });
  } finally {
    delete process.env['JAVA_TOOL_OPTIONS'];
  }
});

afterAll(async () => {
  await kafka?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Makes topics through a listener, which takes TLS, a login and several connections. */
async function makeTopics(port: number, settings: Record<string, string>) {
  const name = randomName('secure');
  const env = {
    KAFKA_BROKERS: `127.0.0.1:${port}`,
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA_FILE: file('authority.pem'),
    KAFKA_TOPIC_POSTS: `${name}-posts`,
    KAFKA_TOPIC_EXTRACTIONS: `${name}-extractions`,
    KAFKA_TOPIC_EVENTS: `${name}-events`,
    ...settings,
  };
  return runCli(['topics', 'create', '--json'], { env });
}

const login = (mechanism: string, password = PASSWORD) => ({
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_SASL_USERNAME: 'ana',
  KAFKA_SASL_PASSWORD: password,
});

describe.skipIf(!available().ok)('a broker that asks who is there', () => {
  it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('lets in by %s over TLS', async (mechanism) => {
    const { code, stdout, stderr } = await makeTopics(secure, login(mechanism));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(6);
  });

  it('takes a password from a file', async () => {
    await writeFile(file('password'), `${PASSWORD}\n`);
    const { KAFKA_SASL_PASSWORD: _, ...rest } = login('scram-sha-256');
    const { code } = await makeTopics(secure, { ...rest, KAFKA_SASL_PASSWORD_FILE: file('password') });
    expect(code).toBe(0);
  });

  it('lets in by a token from a file, which is read anew when it changes', async () => {
    const settings = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_TOKEN_PATH: file('token') };
    await writeFile(file('token'), `${token('RS256', -3600)}\n`);
    const late = await makeTopics(secure, settings);
    expect(late.code).toBe(1);
    await writeFile(file('token'), `${token()}\n`);
    const { code, stderr } = await makeTopics(secure, settings);
    expect([code, stderr]).toEqual([0, '']);
  });

  it('lets in by a token that an endpoint gave for client credentials', async () => {
    const asked: string[] = [];
    const [key, cert] = await Promise.all([readFile(file('broker.key')), readFile(file('broker.pem'))]);
    const server = createServer({ key, cert }, (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        asked.push(`${request.headers.authorization} ${body}`);
        const right = request.headers.authorization === `Basic ${Buffer.from('app:s%3Acret').toString('base64')}`;
        response.writeHead(right ? 200 : 401, { 'content-type': 'application/json' });
        response.end(JSON.stringify(right ? { access_token: token(), expires_in: 300 } : { error: 'invalid_client' }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const settings = {
      KAFKA_SASL_MECHANISM: 'oauthbearer',
      KAFKA_SASL_OAUTH_ENDPOINT: `https://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
      KAFKA_SASL_OAUTH_CLIENT_ID: 'app',
      KAFKA_SASL_OAUTH_CLIENT_SECRET: 's:cret',
      KAFKA_SASL_OAUTH_SCOPE: 'kafka',
    };
    const { code, stderr } = await makeTopics(secure, settings);
    expect([code, stderr]).toEqual([0, '']);
    // One token serves all connections.
    expect(asked).toHaveLength(1);
    expect(asked[0]).toContain('grant_type=client_credentials&scope=kafka');
    const wrong = await makeTopics(secure, { ...settings, KAFKA_SASL_OAUTH_CLIENT_SECRET: 'guessed' });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('answered 401');
    expect(wrong.stderr).not.toContain('guessed');
  });

  it('lets in a client that shows its own certificate, and no other', async () => {
    const own = { KAFKA_SSL_CERT_FILE: file('client.pem'), KAFKA_SSL_KEY_FILE: file('client.key') };
    expect((await makeTopics(mutual, own)).code).toBe(0);
    expect((await makeTopics(mutual, {})).code).toBe(1);
  });

  it.each([
    ['a wrong password', login('scram-sha-512', 'wrong horse'), 1, /authentication|credentials/i],
    ['a wrong password in plain', login('plain', 'wrong horse'), 1, /authentication/i],
    ['no login at all', {}, 1, /sasl|closed|connect/i],
    ['the wrong authority', { ...login('plain'), KAFKA_SSL_CA_FILE: 'stranger.pem' }, 1, /certificate|self.signed/i],
    ['an authority that is not there', { ...login('plain'), KAFKA_SSL_CA_FILE: 'none.pem' }, 2, /KAFKA_SSL_CA_FILE/],
    ['plain without TLS', { ...login('plain'), KAFKA_SSL: 'false' }, 2, /password in clear/],
    [
      'a token without TLS',
      { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_TOKEN_PATH: 'x', KAFKA_SSL: 'false' },
      2,
      /token in clear/,
    ],
    ['a token from nowhere', { KAFKA_SASL_MECHANISM: 'oauthbearer' }, 2, /one of them/],
    [
      'an endpoint in clear',
      { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_ENDPOINT: 'http://127.0.0.1/t' },
      2,
      /https/,
    ],
    ['a name missing', { KAFKA_SASL_MECHANISM: 'plain' }, 2, /KAFKA_SASL_USERNAME/],
  ] as const)('%s is one clear sentence', async (_, given, expected, message) => {
    const settings: Record<string, string> = { ...given };
    const ca = settings['KAFKA_SSL_CA_FILE'];
    if (ca !== undefined) settings['KAFKA_SSL_CA_FILE'] = file(ca);
    const { code, stderr } = await makeTopics(secure, settings);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('horse');
    expect(stderr).not.toContain('    at ');
    expect(code).toBe(expected);
  });

  it('18: no setting, and no variable of Node, switches the verification of certificates off', async () => {
    const off = { NODE_TLS_REJECT_UNAUTHORIZED: '0', KAFKA_SSL_REJECT_UNAUTHORIZED: 'false' };
    const settings = { ...login('plain'), ...off, KAFKA_SSL_CA_FILE: file('stranger.pem') };
    const { code, stderr } = await makeTopics(secure, settings);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/certificate|self.signed/i)]);
    // The client verifies by itself too, without the question about versions that comes first.
    const tls = { ca: await readFile(file('stranger.pem'), 'utf8'), rejectUnauthorized: false };
    const kafka = createKafka(
      {
        brokers: [`127.0.0.1:${secure}`],
        clientId: 'c',
        tls,
        sessionTimeoutMs: 6_000,
        heartbeatMs: 500,
        retryMs: 100,
      },
      quietTelemetry(),
    );
    await expect(kafka.admin().connect()).rejects.toThrow(/certificate|self.signed/i);
  });

  it('18: nor that of a token endpoint, which never sees the secret', async () => {
    const [key, cert] = await Promise.all([readFile(file('broker.key')), readFile(file('broker.pem'))]);
    let asked = 0;
    const server = createServer({ key, cert }, (_, response) => {
      asked++;
      response.end(JSON.stringify({ access_token: token() }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => {
      vi.unstubAllEnvs();
      server.close();
    });
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
    const client = { endpoint, clientId: 'app', clientSecret: 's:cret' };
    const ca = (name: string) => readFile(file(name), 'utf8');
    expect(await tokenProvider({ ...client, ca: await ca('authority.pem') })()).toHaveProperty('value');
    await expect(tokenProvider({ ...client, ca: await ca('stranger.pem') })()).rejects.toThrow(/certificate/);
    expect(asked).toBe(1);
  });

  it('18: refuses a token that nobody signed', async () => {
    await writeFile(file('unsigned'), token('none'));
    const settings = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_TOKEN_PATH: file('unsigned') };
    const { code, stderr } = await makeTopics(secure, settings);
    expect([code, stderr]).toEqual([1, expect.stringContaining('not signed')]);
  });
});
