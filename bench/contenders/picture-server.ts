// Serves the benchmark's pictures over HTTP from memory; any path that begins with a picture's number gives that picture.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makePictures } from '../harness/pictures.ts';
import { serve } from './serve.ts';

serve({
  /** Starts and gives the port. */
  async start(): Promise<number> {
    const pictures = await makePictures();
    const server = createServer((request, response) => {
      const number = Number.parseInt((request.url ?? '').slice(1), 10);
      const picture = pictures[number % pictures.length];
      response.writeHead(picture ? 200 : 404, { 'content-type': 'image/jpeg' });
      response.end(picture?.bytes);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  },
});
