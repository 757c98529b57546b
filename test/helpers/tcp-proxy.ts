import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A door between a client and a server on loopback, which a test opens, shuts and breaks. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections that stand now. */
  readonly connections: number;
  /** Turns new connections away, and breaks those that stand. */
  refuse(): void;
  /** Lets connections through again, and waits for no request any more. */
  accept(): void;
  /** Holds everything that is sent either way, and breaks nothing. */
  stall(): void;
  /** Lets go on what was held. */
  resume(): void;
  /** Breaks every connection with a reset. */
  reset(): void;
  /**
   * Breaks a connection at the moment its server answers, once the client has sent this: the answer never comes. With
   * `after` only on a connection on which the client has sent that before, since it last sent the request. Resolves once
   * an answer was dropped.
   */
  dropAnswerTo(request: string | Buffer, after?: string): Promise<void>;
  /** Keeps a request from the server, with all that follows on its connection; resolves once it was sent. */
  holdBack(request: string | Buffer, after?: string): Promise<void>;
}

/** What is waited for and what is done then. */
interface Trap {
  readonly request: string | Buffer;
  readonly after: string | undefined;
  readonly holdsBack: boolean;
  readonly sprung: () => void;
}

/** Starts a proxy to a port on loopback. */
export async function startTcpProxy(target: number): Promise<TcpProxy> {
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  let refusing = false;
  let stalled = false;
  let trap: Trap | undefined;
  // Small messages must not wait for each other: many a protocol takes turns.
  const server = createServer({ noDelay: true }, (client) => {
    if (refusing) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair = [client, upstream] as const;
    pairs.add(pair);
    let sprung: Trap | undefined;
    let prepared: Trap | undefined;
    client.on('data', (bytes) => {
      if (trap?.after !== undefined && bytes.includes(trap.after)) prepared = trap;
      if (trap && bytes.includes(trap.request)) {
        if (trap.after === undefined || prepared === trap) [sprung, trap] = [trap, undefined];
        prepared = undefined;
        if (sprung?.holdsBack) sprung.sprung();
      }
      if (!sprung?.holdsBack) upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      if (!sprung || sprung.holdsBack) {
        client.write(bytes);
        return;
      }
      client.resetAndDestroy();
      sprung.sprung();
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
  const set = (given: Omit<Trap, 'sprung'>) =>
    new Promise<void>((sprung) => {
      trap = { ...given, sprung };
    });
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
      trap = undefined;
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
    dropAnswerTo: (request, after) => set({ request, after, holdsBack: false }),
    holdBack: (request, after) => set({ request, after, holdsBack: true }),
    async [Symbol.asyncDispose]() {
      reset();
      server.close();
    },
  };
}
