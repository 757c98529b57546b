import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import type { AlertMessage } from '../../../src/alerts/alert-sink.ts';
import { EmailAlertSink, type EmailAlertSinkOptions } from '../../../src/alerts/email/email-alert-sink.ts';

const message: AlertMessage = {
  id: 'alr_1',
  type: 'alert.fired',
  atMs: Date.UTC(2026, 0, 2),
  data: {
    rule: 'New links\r\nBcc: evil@example.com',
    severity: 'critical',
    text: 'Ada —peer→ Bo',
    facts: [{ evidence: [{ author: '@ada', text: 'Ada meets Bo\r\n.\r\nQUIT', url: 'https://x.com/1' }] }],
  },
};

interface Letter {
  readonly to: readonly string[];
  readonly text: string;
}

/** A real SMTP server on a free port, with the letters it took. */
async function smtpServer(options: SMTPServerOptions): Promise<{ port: number; letters: Letter[] }> {
  const letters: Letter[] = [];
  const server = new SMTPServer({
    authOptional: true,
    ...options,
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      stream.on('end', () => {
        letters.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.server.address() as AddressInfo).port, letters };
}

const sinkOf = (port: number, options: Partial<EmailAlertSinkOptions> = {}) =>
  new EmailAlertSink({
    server: `smtp://127.0.0.1:${port}`,
    login: undefined,
    from: 'grapevine@example.com',
    to: ['a@example.com', 'b@example.com'],
    allowAddress: () => true,
    requireTls: false,
    timeoutMs: 5_000,
    ...options,
  });

test('a letter goes to everybody, with one id for all attempts, and no line of a post is one of its own', async () => {
  const { port, letters } = await smtpServer({ disabledCommands: ['STARTTLS'] });
  const sink = sinkOf(port);
  for (let attempt = 0; attempt < 2; attempt++)
    expect(await sink.deliver(message)).toMatchObject({ delivered: true, outcome: 'ok' });
  expect(letters).toHaveLength(2);
  for (const { to, text } of letters) {
    expect(to).toEqual(['a@example.com', 'b@example.com']);
    expect(text).toContain('Message-ID: <alr_1@grapevine>');
    expect(text).toMatch(/^Subject: critical: New links Bcc: evil@example\.com\r$/m);
    expect(text).not.toMatch(/^Bcc:/im);
    expect(text).toContain('https://x.com/1');
  }
});

test('the server asks who it is', async () => {
  const onAuth: SMTPServerOptions['onAuth'] = ({ username, password }, _session, done) =>
    username === 'u' && password === 'p' ? done(null, { user: 'u' }) : done(new Error('no'));
  const { port, letters } = await smtpServer({
    onAuth,
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
  });
  expect(await sinkOf(port, { login: { user: 'u', pass: 'p' } }).deliver(message)).toMatchObject({ outcome: 'ok' });
  expect(await sinkOf(port, { login: { user: 'u', pass: 'x' } }).deliver(message)).toMatchObject({
    delivered: false,
    outcome: 'smtp_535',
  });
  expect(letters).toHaveLength(1);
});

test('nothing goes in clear, to an unknown certificate, to a closed port or to an address that is not allowed', async () => {
  const [clear, unknown] = [await smtpServer({ disabledCommands: ['STARTTLS'] }), await smtpServer({})];
  const outcome = async (sink: EmailAlertSink) => (await sink.deliver(message)).outcome;
  expect(await outcome(sinkOf(clear.port, { requireTls: true }))).toBe('tls');
  expect(await outcome(sinkOf(unknown.port, { requireTls: true }))).toMatch(/^(tls|network)$/);
  expect(await outcome(sinkOf(1))).toBe('network');
  expect(await outcome(sinkOf(clear.port, { allowAddress: () => false }))).toBe('blocked_address');
  const resolve = () => Promise.resolve(['127.0.0.1', '10.0.0.1'].map((address) => ({ address, family: 4 })));
  const mixed = {
    server: `smtp://mail.example:${clear.port}`,
    resolve,
    allowAddress: (one: string) => one !== '10.0.0.1',
  };
  expect(await outcome(sinkOf(clear.port, mixed))).toBe('blocked_address');
  expect([clear.letters, unknown.letters]).toEqual([[], []]);
});

test('a reader whom the server refuses is tried again, without another letter to the others', async () => {
  let isFull = true;
  const { port, letters } = await smtpServer({
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => {
      if (isFull && address === 'b@example.com') done(Object.assign(new Error('full'), { responseCode: 452 }));
      else done();
    },
  });
  const sink = sinkOf(port);
  expect(await sink.deliver(message)).toMatchObject({ delivered: false, outcome: 'smtp_452' });
  isFull = false;
  expect(await sink.deliver(message)).toMatchObject({ delivered: true, outcome: 'ok' });
  expect(letters.map(({ to }) => to)).toEqual([['a@example.com'], ['b@example.com']]);
});

test('what the server refuses has its number', async () => {
  const { port } = await smtpServer({
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('full'), { responseCode: 452 })),
  });
  expect(await sinkOf(port).deliver(message)).toMatchObject({ delivered: false, outcome: 'smtp_452' });
});
