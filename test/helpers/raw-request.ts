import { connect } from 'node:net';

/** A request as it goes over the wire, with any header and path: `fetch` would tidy them up. */
export interface RawRequest {
  readonly headers: readonly string[];
  readonly method?: string;
  readonly path?: string;
  readonly body?: string;
  /** Adds no length to the headers. */
  readonly isBare?: boolean;
}

/** Status of the answer to a raw request. */
export function statusOf(url: string, request: RawRequest): Promise<number> {
  const { hostname, port } = new URL(url);
  const { headers, method = 'POST', path = '/graphql', body = '' } = request;
  const length = request.isBare ? [] : [`content-length: ${body.length}`];
  const head = [`${method} ${path} HTTP/1.1`, ...headers, ...length];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(`${head.join('\r\n')}\r\n\r\n${body}`));
    socket.once('data', (data) => {
      resolve(Number(data.toString().split(' ')[1]));
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
