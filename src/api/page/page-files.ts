import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { HOME_PAGE } from './home-page.ts';

interface PageFile {
  readonly body: Buffer;
  readonly zipped: Buffer;
  readonly type: string;
  readonly tag: string;
  /** Its name changes with what is in it. */
  readonly isHashed: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the page may do: run files of this server and ask it, nothing else. Small pictures of its own making are `blob:`. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** The files of the page, read once: nothing that is asked for later becomes a path on the disk. */
export class PageFiles {
  readonly #files = new Map<string, PageFile>();

  /** `folder` holds what `npm run build` made of the page; without it `/` says what is here. */
  constructor(folder: string | undefined) {
    if (folder !== undefined && existsSync(folder)) this.#readFolder(folder);
    const page = this.#files.get('/index.html') ?? fileOf('index.html', Buffer.from(HOME_PAGE));
    this.#files.delete('/index.html');
    this.#files.set('/', page);
  }

  /** Answers with the file at a path; false when there is none. */
  send(path: string, request: IncomingMessage, response: ServerResponse): boolean {
    const file = this.#files.get(path);
    if (!file) return false;
    response.setHeader('content-security-policy', PAGE_POLICY);
    response.setHeader('cache-control', file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('etag', file.tag);
    response.setHeader('vary', 'accept-encoding');
    if (request.headers['if-none-match'] === file.tag) {
      response.writeHead(304).end();
      return true;
    }
    const zips = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '');
    const body = zips ? file.zipped : file.body;
    if (zips) response.setHeader('content-encoding', 'gzip');
    response.writeHead(200, { 'content-type': file.type, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
    return true;
  }

  #readFolder(folder: string): void {
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(folder, name);
      if (statSync(path).isFile()) this.#files.set(`/${name.split(sep).join('/')}`, fileOf(name, readFileSync(path)));
    }
  }
}

function fileOf(name: string, body: Buffer): PageFile {
  return {
    body,
    zipped: gzipSync(body),
    type: TYPES[extname(name)] ?? 'application/octet-stream',
    tag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    isHashed: name.startsWith('assets'),
  };
}
