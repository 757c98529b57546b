import type { ErasedAuthor, RemovePictures } from './graph-store.ts';

/** What an erasure takes out of a database, with the pictures that no other author's post shows. */
export interface ErasedRows extends Omit<ErasedAuthor, 'pictures'> {
  readonly pictures: readonly string[];
}

/** A database from which one author is to be erased. */
export interface AuthorEraser {
  findPictures(): Promise<readonly string[]>;
  eraseRows(): Promise<ErasedRows>;
}

/**
 * Erases an author's pictures and rows. The pictures go first: after a crash in between, the rows still tell which.
 * Those of posts that came meanwhile go afterwards.
 */
export async function eraseWithPictures(eraser: AuthorEraser, removePictures: RemovePictures): Promise<ErasedAuthor> {
  const found = await eraser.findPictures();
  await removePictures(found);
  const { pictures, ...erased } = await eraser.eraseRows();
  const known = new Set(found);
  const others = pictures.filter((sha256) => !known.has(sha256));
  if (others.length > 0) await removePictures(others);
  return { ...erased, pictures: found.length + others.length };
}
