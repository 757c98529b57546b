import { normalise } from '../resolve/normalise.ts';
import type { Names, WatchedEntities } from './rows.ts';
import type { AcceptedPost } from './runs.ts';

/** Where nobody is watched. */
export const NOBODY: WatchedEntities = { alone: new Map(), inPairs: new Map() };

/** Key under which an entity is watched by its id. */
export function watchedId(id: string): string {
  return `id ${id}`;
}

/** Key under which entities are watched that are shown by a name, however it is written. */
export function watchedName(name: string): string {
  return `name ${normalise(name)}`;
}

/** Key under which the pairs of whoever has a key are watched. */
export function watchedPairs(key: string): string {
  return `pair ${key}`;
}

/** Entities that the posts of a run mention. */
export function entitiesOfPosts(accepted: readonly AcceptedPost[]): readonly string[] {
  return [...new Set(accepted.flatMap(({ incoming }) => incoming.mentions.map(({ entityId }) => entityId)))].sort();
}

/** All keys under which entities with these names can be watched. */
export function watchKeys(names: Names): readonly string[] {
  const keys = [...new Set([...names].flatMap(([id, { name }]) => [watchedId(id), watchedName(name)]))];
  return [...keys, ...keys.map(watchedPairs)];
}

/** The entities of which one of the keys is watched. @param since when each watched key began to be, epoch milliseconds */
export function watchedEntities(names: Names, since: ReadonlyMap<string, number>): WatchedEntities {
  const found = (asKey: (key: string) => string) =>
    new Map(
      [...names].flatMap(([id, { name }]) => {
        const times = [watchedId(id), watchedName(name)].flatMap((key) => since.get(asKey(key)) ?? []);
        return times.length === 0 ? [] : [[id, Math.min(...times)] as const];
      }),
    );
  return { alone: found((key) => key), inPairs: found(watchedPairs) };
}
