import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GrapevineError, messageOf } from '../../errors.ts';
import { SCOPES, withImplied } from '../caller.ts';
import { isActive, type NewToken, type Token, type TokenStore } from '../token-store.ts';
import { hashToken, isSameHash, isTokenId, mintToken, tokenId } from '../token-text.ts';

const ENDING_LENGTH = 4;

const record = z.strictObject({
  id: z.string().refine(isTokenId),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  ending: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().exactOptional(),
  revokedAt: z.iso.datetime().exactOptional(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

type TokenRecord = z.infer<typeof record>;

/**
 * Tokens as files in a folder, one each, named after its id: two processes that create or revoke never write one file, and
 * a file is there whole or not at all.
 */
export class FolderTokenStore implements TokenStore {
  readonly #folder: string;
  /** Files as last read, each under what `stat` said of it: whoever changes a token replaces its file. */
  readonly #read = new Map<string, { readonly version: string; readonly record: TokenRecord }>();

  /** @param folder made when the first token is */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async create({ name, scopes, expiresAt }: NewToken): Promise<{ readonly token: Token; readonly text: string }> {
    const { id, text } = mintToken();
    const made: TokenRecord = {
      id,
      name,
      scopes: withImplied(scopes),
      ending: text.slice(-ENDING_LENGTH),
      createdAt: new Date().toISOString(),
      ...(expiresAt !== undefined && { expiresAt }),
      sha256: hashToken(text),
    };
    await this.#write('creating a token', made);
    return { token: toToken(made), text };
  }

  async list(): Promise<readonly Token[]> {
    const names = await readdir(this.#folder).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw failure('listing tokens', error);
    });
    const ids = names.map((name) => /^([0-9a-f]{12})\.json$/.exec(name)?.[1]).filter((id) => id !== undefined);
    const tokens = ids.map((id) => this.#load(id)).filter((found) => found !== undefined);
    return tokens.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1)).map(toToken);
  }

  async revoke(id: string): Promise<Token | undefined> {
    const found = isTokenId(id) ? this.#load(id) : undefined;
    if (!found || found.revokedAt !== undefined) return found && toToken(found);
    const revoked = { ...found, revokedAt: new Date().toISOString() };
    await this.#write('revoking a token', revoked);
    return toToken(revoked);
  }

  async find(text: string): Promise<Token | undefined> {
    const id = tokenId(text);
    const found = id === undefined ? undefined : this.#load(id);
    if (!found || !isSameHash(found.sha256, hashToken(text)) || !isActive(found)) return undefined;
    return toToken(found);
  }

  /** Looks at the file each time, so that revoking holds at once: a `stat` here is quicker than the way to a thread and back. */
  #load(id: string): TokenRecord | undefined {
    const path = this.#path(id);
    try {
      const { ino, size, mtimeNs } = statSync(path, { bigint: true });
      const version = `${ino} ${size} ${mtimeNs}`;
      const known = this.#read.get(id);
      if (known?.version === version) return known.record;
      const read = parse(readFileSync(path, 'utf8'), id);
      this.#read.set(id, { version, record: read });
      return read;
    } catch (error) {
      this.#read.delete(id);
      if (isMissing(error)) return undefined;
      throw failure(`reading ${path}`, error);
    }
  }

  async #write(doing: string, token: TokenRecord): Promise<void> {
    const path = this.#path(token.id);
    const part = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await using file = await open(part, 'wx', 0o600);
      await file.writeFile(`${JSON.stringify(token)}\n`);
      await file.sync();
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      throw failure(doing, error);
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function parse(text: string, id: string): TokenRecord {
  const read = record.parse(JSON.parse(text));
  if (read.id === id) return read;
  throw new Error(`it holds the token ${read.id}`);
}

function toToken(kept: TokenRecord): Token {
  const { sha256: _sha256, ...token } = kept;
  return token;
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function failure(doing: string, cause: unknown): GrapevineError {
  const found = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll('\n', ' ') : messageOf(cause);
  return new GrapevineError('TOKENS_UNREADABLE', `${doing}: ${found}`, { cause });
}
