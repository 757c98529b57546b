import type { EntityKey } from '../../domain/decision.ts';
import { entityId } from '../../domain/ids.ts';
import { NORM_VERSION, normalise } from './normalise.ts';
import { storable } from './storable.ts';

/** The entity that a surface form of a type stands for while nobody decides otherwise. */
export function entityKeyOf(type: string, surface: string): EntityKey {
  const normName = normalise(storable(surface));
  return { id: entityId(type, normName, NORM_VERSION), type, normName };
}

/** The part of an entity that its id fixes. */
export function keyOf({ id, type, normName }: EntityKey): EntityKey {
  return { id, type, normName };
}
