import type { EntityKey } from '../../domain/decision.ts';
import type { Entity } from '../../domain/graph.ts';
import { GrapevineError } from '../../errors.ts';
import type { GraphReader } from '../graph-reader.ts';
import { keyOf } from './entity-key.ts';
import { normalise } from './normalise.ts';
import { storable } from './storable.ts';

/** What a person calls an entity. */
export interface EntityName {
  /** A name as posts write it, or an id. */
  readonly name: string;
  readonly type?: string | undefined;
  /** What it is looked for, for errors. */
  readonly doing: string;
}

const IS_ID = /^ent_[0-9a-f]{32}$/;

/**
 * The one entity that a person means; what was merged into another is answered by that one.
 *
 * @throws {USAGE} when there is none, or several with that name.
 */
export async function findEntity(reader: GraphReader, asked: EntityName): Promise<Entity> {
  return only(asked, await allOf(reader, asked));
}

/** The entity as `findEntity` finds it, but not for the name of a part. @throws {USAGE} */
export async function findWhole(reader: GraphReader, asked: EntityName): Promise<Entity> {
  const entity = await findEntity(reader, asked);
  if (isCalled(entity, asked.name)) return entity;
  throw refused(asked, `it is part of ${label(entity)} already; name that one, or split it off first`);
}

/** What was merged into another entity, with that one. @throws {USAGE} when nothing of that name is, or several are. */
export async function findPart(
  reader: GraphReader,
  asked: EntityName,
): Promise<{ readonly part: EntityKey; readonly root: Entity }> {
  const roots = await allOf(reader, { ...asked, type: undefined });
  const all = await Promise.all(
    roots.map(async (root) => (await reader.partsOf(root.id)).map((part) => ({ part, root, ...keyOf(part) }))),
  );
  const parts = all
    .flat()
    .filter(({ part }) => isCalled(part, asked.name) && (asked.type === undefined || part.type === asked.type));
  if (parts.length === 0 && roots.length > 0)
    throw refused(asked, `it is not part of another entity, but ${roots.map(label).join(' or ')} itself`);
  return only(asked, parts);
}

async function allOf(reader: GraphReader, { name, type }: EntityName): Promise<readonly Entity[]> {
  if (!IS_ID.test(name)) return reader.entitiesNamed([normalise(storable(name))], type);
  const [entity] = await reader.entitiesById([name]);
  return entity ? [entity] : [];
}

function only<T extends EntityKey>(asked: EntityName, found: readonly T[]): T {
  const [one, ...others] = found;
  if (!one) throw refused(asked, `no post names one so${asked.type === undefined ? '' : ` of type ${asked.type}`}`);
  if (others.length === 0) return one;
  throw refused(asked, `there are several, ${found.map(label).join(' and ')}; give the id of one, or its type`);
}

function isCalled(entity: EntityKey, name: string): boolean {
  return entity.id === name || entity.normName === normalise(storable(name));
}

function label({ id, type, normName }: EntityKey): string {
  return `${normName} (${type}, ${id})`;
}

function refused({ doing, name }: EntityName, found: string): GrapevineError {
  return new GrapevineError('USAGE', `${doing}: looking for ${JSON.stringify(name)}, ${found}`);
}
