import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { GrapevineError, messageOf } from '../../errors.ts';

/** An opened input of posts. */
export interface Input {
  readonly stream: Readable;
  /** Size in bytes; undefined for a pipe. */
  readonly size: number | undefined;
  /** Folder that relative pictures are looked up in by default; undefined for standard input. */
  readonly folder: string | undefined;
}

/** Opens FILE, which may be a pipe, or `-` for standard input. @throws {INPUT_UNREADABLE} */
export async function openInput(file: string): Promise<Input> {
  if (file === '-') return { stream: process.stdin, size: undefined, folder: undefined };
  try {
    const info = await stat(file);
    if (info.isDirectory()) throw new Error('it is a folder');
    const stream = createReadStream(file, { highWaterMark: 262_144 });
    await new Promise<void>((opened, failed) => stream.once('open', () => opened()).once('error', failed));
    return {
      stream,
      size: info.isFile() ? info.size : undefined,
      folder: info.isFile() ? dirname(resolve(file)) : undefined,
    };
  } catch (error) {
    throw new GrapevineError('INPUT_UNREADABLE', `opening ${file}: ${messageOf(error)}`, { cause: error });
  }
}
