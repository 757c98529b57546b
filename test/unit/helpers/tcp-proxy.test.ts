import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { startTcpProxy, type TcpProxy } from '../../helpers/tcp-proxy.ts';

/** A server that answers everything with `re:` and what it got, and remembers it. */
async function withEcho(task: (proxy: TcpProxy, got: string[]) => Promise<void>): Promise<void> {
  const got: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      got.push(String(bytes));
      socket.write(`re:${bytes}`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using proxy = await startTcpProxy((server.address() as AddressInfo).port);
  try {
    await task(proxy, got);
  } finally {
    server.close();
  }
}

function client({ port }: TcpProxy) {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, closed, answer: async () => String((await once(socket, 'data'))[0]) };
}

test('an answer is dropped once its request was handled, on a connection that has prepared it', async () => {
  await withEcho(async (proxy, got) => {
    const { socket, closed, answer } = client(proxy);
    const dropped = proxy.dropAnswerTo('commit', 'begin');
    socket.write('commit');
    expect(await answer()).toBe('re:commit');
    socket.write('begin');
    expect(await answer()).toBe('re:begin');
    socket.write('commit');
    await Promise.all([dropped, closed]);
    expect(got).toEqual(['commit', 'begin', 'commit']);
  });
});

test('a request that is held back never reaches the server', async () => {
  await withEcho(async (proxy, got) => {
    const { socket, closed } = client(proxy);
    const held = proxy.holdBack('commit');
    socket.write('commit');
    await held;
    proxy.reset();
    await closed;
    expect(got).toEqual([]);
  });
});
