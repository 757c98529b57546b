import { normalise } from '../resolve/normalise.ts';
import type { Names } from './rows.ts';
import type { AcceptedPost } from './runs.ts';

/** Key under which an entity is watched by its id. */
export function watchedId(id: string): string {
  return `id ${id}`;
}

/** Key under which entities are watched that are shown by a name, however it is written. */
export function watchedName(name: string): string {
  return `name ${normalise(name)}`;
}

/** Entities that the posts of a run mention. */
export function entitiesOfPosts(accepted: readonly AcceptedPost[]): readonly string[] {
  return [...new Set(accepted.flatMap(({ incoming }) => incoming.mentions.map(({ entityId }) => entityId)))].sort();
}

/** All keys under which entities with these names can be watched. */
export function watchKeys(names: Names): readonly string[] {
  return [...new Set([...names].flatMap(([id, { name }]) => [watchedId(id), watchedName(name)]))];
}

/** The entities of which one of the keys is watched. */
export function watchedEntities(names: Names, keys: ReadonlySet<string>): ReadonlySet<string> {
  const watched = [...names].filter(([id, { name }]) => keys.has(watchedId(id)) || keys.has(watchedName(name)));
  return new Set(watched.map(([id]) => id));
}
