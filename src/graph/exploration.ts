import type { FilterGroup } from '../domain/filter.ts';
import type { Entity, Fact } from '../domain/graph.ts';
import type { FactConditions } from './fact-look.ts';

/** What part of the graph is asked for. */
export interface SubgraphQuery extends FactConditions {
  /** Ids of entities; those that are none are left out. Without any it is the liveliest part of the graph. */
  readonly around: readonly string[];
  /** Steps from the entities around which it is, 1 or more. */
  readonly depth: number;
  readonly maxNodes: number;
  readonly filter?: FilterGroup | undefined;
}

/** A part of the graph. */
export interface Subgraph {
  /** Those asked for first, then by distance, then by the strongest fact that links them. */
  readonly nodes: readonly SubgraphNode[];
  /** Facts between the nodes, strongest first. */
  readonly edges: readonly Fact[];
  /** Entities that were found and left out. */
  readonly hiddenNodes: number;
  /** Facts between the nodes that were found and left out. */
  readonly hiddenEdges: number;
}

/** An entity of a part of the graph. */
export interface SubgraphNode {
  readonly entity: Entity;
  /** Steps from the nearest entity that was asked for. */
  readonly distance: number;
  /** Entities that it has a fact with and that are not among the nodes, as far as its facts were looked at. */
  readonly hiddenNeighbours: number;
  /** True when it has facts that were not looked at. */
  readonly isPartial: boolean;
}

/** Which paths are looked for. */
export interface PathQuery extends FactConditions {
  readonly fromId: string;
  readonly toId: string;
  /** Facts of a path at most, 1 or more. */
  readonly maxDepth: number;
  readonly filter?: FilterGroup | undefined;
}

/** A way from one entity to another. */
export interface Path {
  /** From the first entity to the last. */
  readonly entityIds: readonly string[];
  /** One less: the strongest fact between each two that follow each other. */
  readonly facts: readonly Fact[];
}

/** What was found. */
export interface Paths {
  readonly paths: readonly Path[];
  /** True when facts were not looked at, so that there may be other paths, shorter ones too. */
  readonly isPartial: boolean;
}
