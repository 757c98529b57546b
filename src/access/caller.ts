/** What a caller may do. Each allows what stands before it, too: who may write may read what was written. */
export const SCOPES = ['read', 'write', 'admin'] as const;

/** One of {@link SCOPES}: `read` asks and subscribes, `write` changes the graph, `admin` looks after the service. */
export type Scope = (typeof SCOPES)[number];

/** Who asks. */
export interface Caller {
  /** Stands in logs: the id of a token, never the token. */
  readonly id: string;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** True for the name of a scope. */
export function isScope(name: string): name is Scope {
  return (SCOPES as readonly string[]).includes(name);
}

/** The given scopes with those they allow, the smallest first. */
export function withImplied(scopes: Iterable<Scope>): Scope[] {
  const highest = Math.max(...Array.from(scopes, (scope) => SCOPES.indexOf(scope)), -1);
  return SCOPES.slice(0, highest + 1);
}
