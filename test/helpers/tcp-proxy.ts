import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door between a client and a server on loopback, which a test opens, shuts and breaks. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that stand now. */
  readonly connections: number;
  /** Turns new connections away, and breaks those that stand. */
  refuse(): void;
  /** Lets connections through again. */
  accept(): void;
  /** Holds everything that is sent either way, and breaks nothing. */
  stall(): void;
  /** Lets go on what was held. */
  resume(): void;
  /** Breaks every connection with a reset. */
  reset(): void;
  /** Breaks a connection at the moment its server answers, once the client has sent this: the answer never comes. */
  dropAnswerTo(request: string): void;
}

/** Starts a proxy to a port on loopback. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let refusing = false;
  let stalled = false;
  let trap: string | undefined;
  const server = createServer((client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(target, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    let trapped = false;
    client.on('data', (bytes) => {
      if (trap !== undefined && bytes.includes(trap)) [trapped, trap] = [true, undefined];
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (trapped) client.resetAndDestroy();
      else client.write(bytes);
    });
    for (const socket of pair) {
      socket.on('error', () => {});
      socket.on('close', () => {
        pairs.delete(pair);
        for (const other of pair) other.destroy();
      });
      if (stalled) socket.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (socket: Socket) => void) => {
    for (const pair of pairs) for (const socket of pair) act(socket);
  };
  const reset = () => each((socket) => socket.resetAndDestroy());
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return pairs.size;
    },
    refuse() {
      refusing = true;
      reset();
    },
    accept() {
      refusing = false;
    },
    stall() {
      stalled = true;
      each((socket) => socket.pause());
    },
    resume() {
      stalled = false;
      each((socket) => socket.resume());
    },
    reset,
    dropAnswerTo(request) {
      trap = request;
    },
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
    },
  };
}
