import type { FilterEnd, Watchlist } from '../domain/filter.ts';
import { normalise } from '../graph/resolve/normalise.ts';
import { canExplode } from './slow-expression.ts';

/** Longest part of a name that an expression reads: posts are hostile, and an expression can be slow on long text. */
const MAX_NAME = 200;
/** Names whose normal form is remembered, at most. */
const MAX_KNOWN = 1_000;
/** What is wrong with an entry of a watchlist; undefined when nothing is. */
export function entryFault(entry: string): string | undefined {
  const expression = expressionOf(entry);
  if (!expression) return undefined;
  const [source] = expression;
  if (canExplode(source)) return `${entry} repeats a group that repeats something or offers a choice; write it without`;
  try {
    compile(expression);
  } catch {
    return `${entry} is no regular expression`;
  }
  return undefined;
}

/** Who a watchlist of names, entity ids and `/expressions/` names. Names are compared as the graph resolves them. */
export function compileWatchlist(entries: readonly string[]): Watchlist {
  const ids = new Set(entries.filter((entry) => entry.startsWith('ent_')));
  const expressions = entries.flatMap((entry) => {
    const expression = expressionOf(entry);
    return expression ? [compile(expression)] : [];
  });
  const written = entries.filter((entry) => !ids.has(entry) && !expressionOf(entry));
  const names = new Set(written.map(normalise));
  const holds = ({ id, name }: FilterEnd) =>
    ids.has(id) || names.has(normalised(name)) || expressions.some((one) => one.test(name.slice(0, MAX_NAME)));
  return Object.assign(holds, { members: expressions.length > 0 ? undefined : { ids: [...ids], names: written } });
}

const known = new Map<string, string>();

/** A name as the graph resolves it. Remembered: very many lists ask the same of the two names of an event. */
function normalised(name: string): string {
  const found = known.get(name);
  if (found !== undefined) return found;
  if (known.size >= MAX_KNOWN) known.clear();
  const normal = normalise(name);
  known.set(name, normal);
  return normal;
}

function compile([source, flags]: readonly [string, string]): RegExp {
  return new RegExp(source, flags);
}

/** Source and flags of an entry written as `/source/` or `/source/i`. */
function expressionOf(entry: string): [string, string] | undefined {
  const [, source, ignoresCase] = /^\/(.+)\/(i?)$/.exec(entry) ?? [];
  return source === undefined ? undefined : [source, `u${ignoresCase ?? ''}`];
}
