import type { Decision, EntityKey } from '../../domain/decision.ts';

/** Where the entity of a surface form was merged into. */
export interface Redirect {
  readonly surface: EntityKey;
  readonly root: EntityKey;
  /** Ids of what it has been so far, its own first and that of the root last: what was rejected of any of them stays so. */
  readonly path: readonly string[];
}

/** The ends of a fact that was rejected. */
export interface Rejected {
  readonly headId: string;
  readonly tailId: string;
}

/** What the decisions make of entities and facts. */
export interface Resolution {
  /** By id of the surface form's entity. */
  readonly redirects: ReadonlyMap<string, Redirect>;
  /** By id of the fact. */
  readonly rejected: ReadonlyMap<string, Rejected>;
}

/** A redirect as both databases store it, but for how they write the path. */
export interface RedirectRow {
  readonly surfaceId: string;
  readonly surfaceType: string;
  readonly surfaceNormName: string;
  readonly rootId: string;
  readonly rootType: string;
  readonly rootNormName: string;
  readonly path: readonly string[];
}

/** A redirect as it is stored. */
export function redirectRow({ surface, root, path }: Redirect): RedirectRow {
  return {
    surfaceId: surface.id,
    surfaceType: surface.type,
    surfaceNormName: surface.normName,
    rootId: root.id,
    rootType: root.type,
    rootNormName: root.normName,
    path,
  };
}

/** A redirect from its stored form. */
export function redirectOf(row: RedirectRow): Redirect {
  return {
    surface: { id: row.surfaceId, type: row.surfaceType, normName: row.surfaceNormName },
    root: { id: row.rootId, type: row.rootType, normName: row.rootNormName },
    path: row.path,
  };
}

/** The decisions that no later one undoes. */
export function inForce(log: readonly Decision[]): readonly Decision[] {
  const undone = new Set<string>();
  const counting = log.toReversed().filter((decision) => {
    if (undone.has(decision.id)) return false;
    if (decision.kind === 'undo') undone.add(decision.decisionId);
    return true;
  });
  return counting.toReversed();
}

/** The id under which an entity is in the graph. */
export function rootOf({ redirects }: Pick<Resolution, 'redirects'>, id: string): string {
  return redirects.get(id)?.root.id ?? id;
}

/** Redirects while the log is gone through, with what each entity is made of. */
export class Merged {
  readonly redirects = new Map<string, Redirect>();
  readonly #parts = new Map<string, Set<string>>();

  /** Takes along all that has been merged into `from`; merging a thing into itself, by whatever way, does nothing. */
  merge(from: EntityKey, into: EntityKey): void {
    const root = this.redirects.get(into.id)?.root ?? into;
    if (root.id === from.id) return;
    const own = this.redirects.get(from.id) ?? { surface: from, path: [from.id] };
    const parts = [...(this.#parts.get(from.id) ?? [])].flatMap((id) => this.redirects.get(id) ?? []);
    for (const { surface, path } of [own, ...parts]) {
      this.split(surface.id);
      this.redirects.set(surface.id, { surface, root, path: [...path, root.id] });
      this.#parts.set(root.id, (this.#parts.get(root.id) ?? new Set()).add(surface.id));
    }
  }

  split(id: string): void {
    this.#parts.get(this.redirects.get(id)?.root.id ?? '')?.delete(id);
    this.redirects.delete(id);
  }
}
