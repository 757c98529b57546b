import type { Decision, EntityKey, Ruling } from '../../domain/decision.ts';
import { derivedDecisionId } from '../../domain/ids.ts';
import { DecisionLog } from '../plan/decision-log.ts';
import { rootOf } from '../plan/resolution.ts';
import type { AliasRow } from './alias-file.ts';

/** A ruling that a file asks for. */
export interface AliasRuling {
  readonly id: string;
  readonly ruling: Ruling;
}

/** A row that says something else than a person decided. */
export interface Overruled {
  readonly row: AliasRow;
  readonly why: string;
}

/** What there is to do for a file of aliases. */
export interface AliasPlan {
  readonly rulings: readonly AliasRuling[];
  /** Rows of which nothing is new. */
  readonly known: number;
  readonly overruled: readonly Overruled[];
  /** Undoes what a file said before and this one does not. */
  readonly removals: readonly AliasRuling[];
}

/** Begins the ids of what files decide. What one of them undid, another may say again; what a person undid, none may. */
const OF_FILE = 'alias_';

/**
 * Compares a file with the decisions so far. A person's word outranks the file's, whichever came first; an alias follows its
 * canonical entity into what that was merged into.
 */
export function planAliases(rows: readonly AliasRow[], log: readonly Decision[]): AliasPlan {
  const past = new Past(log);
  const rulings = new Map<string, AliasRuling>();
  const wanted = new Set<string>();
  const overruled: Overruled[] = [];
  let known = 0;
  for (const row of rows) {
    const asked = past.ask(row);
    for (const base of asked.bases) wanted.add(base);
    const fresh = asked.rulings.filter(({ id }) => !rulings.has(id));
    for (const ruling of fresh) rulings.set(ruling.id, ruling);
    if (asked.overruledBy !== undefined) overruled.push({ row, why: asked.overruledBy });
    else if (fresh.length === 0) known++;
  }
  return { rulings: [...rulings.values()], known, overruled, removals: past.removals(wanted) };
}

interface Asked {
  /** Ids that the row's rulings have when they are taken for the first time. */
  readonly bases: readonly string[];
  readonly rulings: readonly AliasRuling[];
  readonly overruledBy?: string;
}

class Past {
  readonly #log: DecisionLog;
  /** By id of what was undone. */
  readonly #undos = new Map<string, Decision>();
  /** Standing splits, by the id of the entity, with their place in the log. */
  readonly #splits = new Map<string, { readonly id: string; readonly at: number }>();
  readonly #places = new Map<string, number>();

  constructor(decisions: readonly Decision[]) {
    this.#log = new DecisionLog(decisions);
    for (const [at, decision] of decisions.entries()) {
      this.#places.set(decision.id, at);
      if (!this.#log.isInForce(decision.id)) continue;
      if (decision.kind === 'undo') this.#undos.set(decision.decisionId, decision);
      if (decision.kind === 'split') this.#splits.set(decision.entity.id, { id: decision.id, at });
    }
  }

  ask({ alias, canonical, externalId }: AliasRow): Asked {
    const asked = [
      ...(alias ? [this.#merge(alias, canonical)] : []),
      ...(externalId === undefined ? [] : [this.#identify(canonical, externalId)]),
    ];
    const overruledBy = asked.flatMap((one) => one.overruledBy ?? []).join('; ');
    return {
      bases: asked.flatMap(({ bases }) => bases),
      rulings: asked.flatMap(({ rulings }) => rulings),
      ...(overruledBy === '' ? {} : { overruledBy }),
    };
  }

  removals(wanted: ReadonlySet<string>): readonly AliasRuling[] {
    return this.#log.decisions
      .filter(({ id, kind }) => id.startsWith(OF_FILE) && kind !== 'undo' && !wanted.has(baseOf(id)))
      .filter(({ id }) => this.#log.isInForce(id))
      .map(({ id }) => ({ id: derivedDecisionId('alias', ['undo', id]), ruling: { kind: 'undo', decisionId: id } }));
  }

  #merge(from: EntityKey, into: EntityKey): Asked {
    const base = derivedDecisionId('alias', ['merge', from.id, into.id]);
    const bases = [base];
    const { redirects } = this.#log.now;
    const root = redirects.get(into.id)?.root ?? into;
    const holder = redirects.get(from.id)?.root;
    if (rootOf(this.#log.now, from.id) === root.id) return { bases, rulings: [] };
    if (holder) return { bases, rulings: [], overruledBy: `it is part of ${holder.normName} (${holder.type}) already` };
    const apart = this.#log.findApartAmongParts(from.id, root.id);
    if (apart) return { bases, rulings: [], overruledBy: `${apart.id} keeps the two apart` };
    const split = this.#splits.get(from.id);
    if (split && split.at > (this.#places.get(base) ?? -1))
      return { bases, rulings: [], overruledBy: `${split.id} split it off` };
    return { bases, ...this.#again(base, { kind: 'merge', from, into: root }) };
  }

  #identify(entity: EntityKey, externalId: string): Asked {
    const base = derivedDecisionId('alias', ['identify', entity.id, externalId]);
    if (this.#log.isIdentified(entity.id, externalId)) return { bases: [base], rulings: [] };
    return { bases: [base], ...this.#again(base, { kind: 'identify', entity, externalId }) };
  }

  /** The ruling under an id that was not used; an earlier one is in the log where it was undone. */
  #again(base: string, ruling: Ruling): Pick<Asked, 'rulings' | 'overruledBy'> {
    for (let times = 0; ; times++) {
      const id = times === 0 ? base : `${base}_${times}`;
      if (!this.#log.find(id)) return { rulings: [{ id, ruling }] };
      const undo = this.#undos.get(id);
      if (undo && !undo.id.startsWith(OF_FILE)) return { rulings: [], overruledBy: `${undo.id} took it back` };
    }
  }
}

function baseOf(id: string): string {
  return id.split('_').slice(0, 2).join('_');
}
