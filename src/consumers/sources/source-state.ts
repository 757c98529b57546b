import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GrapevineError, messageOf } from '../../errors.ts';
import { LruPostOwners } from './lru-post-owners.ts';

const positionSchema = z.object({ schema: z.literal(1), endpoint: z.string(), cursor: z.string() });
const ownersSchema = z.object({
  schema: z.literal(1),
  owners: z.array(z.tuple([z.string(), z.object({ author: z.string(), post: z.string().optional() })])),
});

/** Where a source stands, and at which endpoint. */
export interface SourcePosition {
  readonly endpoint: string;
  readonly cursor: string;
}

/** What a source keeps from run to run: two files of a folder, each replaced as a whole. */
export class SourceState {
  readonly position: SourcePosition | undefined;
  readonly owners: LruPostOwners;
  readonly #folder: string;
  readonly #name: string;

  private constructor(folder: string, name: string, position: SourcePosition | undefined, owners: LruPostOwners) {
    this.#folder = folder;
    this.#name = name;
    this.position = position;
    this.owners = owners;
  }

  /**
   * Reads what the last run of a source kept in a folder, which is made.
   *
   * @throws {CONFIG_INVALID} when the folder cannot be used or a file in it is not what was written.
   */
  static async open(options: { folder: string; name: string; maxOwners: number }): Promise<SourceState> {
    const { folder, name, maxOwners } = options;
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw new GrapevineError('CONFIG_INVALID', `opening SOURCE_STATE_DIR ${folder}: ${messageOf(error)}`);
    }
    const position = await readJson(join(folder, `${name}.cursor.json`), positionSchema);
    const kept = await readJson(join(folder, `${name}.owners.json`), ownersSchema);
    const owners = (kept?.owners ?? []).map(([id, { author, post }]) => {
      return [id, { author, ...(post !== undefined && { post }) }] as const;
    });
    return new SourceState(folder, name, position, new LruPostOwners(maxOwners, owners));
  }

  /** Keeps a position. A crash leaves this one or the one before. */
  savePosition(position: SourcePosition): Promise<void> {
    return writeWhole(join(this.#folder, `${this.#name}.cursor.json`), { schema: 1, ...position });
  }

  /** Keeps the owners, if any were added. */
  async saveOwners(): Promise<void> {
    if (!this.owners.changed) return;
    await writeWhole(join(this.#folder, `${this.#name}.owners.json`), { schema: 1, owners: this.owners.entries() });
  }
}

async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new GrapevineError('CONFIG_INVALID', `reading ${file}: ${messageOf(error)}`, { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const message = `reading ${file}: it is not what a source keeps; delete it to begin at what is new`;
    throw new GrapevineError('CONFIG_INVALID', message, { cause: error });
  }
}

async function writeWhole(file: string, content: object): Promise<void> {
  const draft = `${file}.${randomUUID()}`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify(content));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
