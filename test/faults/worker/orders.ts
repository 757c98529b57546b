import type { StageName } from '../trace.ts';

/** Where a worker can be made to end. */
export type Point =
  | 'after-fetch'
  | 'after-download'
  | 'after-infer'
  | 'before-tx-commit'
  | 'after-tx-commit-before-ack'
  | 'before-offset-commit'
  | 'during-drain'
  | 'during-join'
  | 'before-publish'
  | 'after-publish';

/** The moment a worker signals itself. */
export interface FailAt {
  readonly point: Point;
  /** At which passing of the point, from 1. */
  readonly time: number;
  readonly stage?: StageName;
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  /** Counts only passings while the extractor holds posts back. */
  readonly whileHolding?: boolean;
}

/** Where a worker writes. */
export type GraphPlace =
  | { readonly kind: 'neo4j'; readonly url: string; readonly username: string; readonly password: string }
  | { readonly kind: 'sqlite'; readonly path: string };

/** What a worker is told when it starts. */
export interface Orders {
  readonly who: string;
  /** File of the trace. */
  readonly trace: string;
  readonly brokers: readonly string[];
  readonly topics: { readonly posts: string; readonly extractions: string; readonly events: string };
  readonly groupPrefix: string;
  readonly graph: GraphPlace;
  readonly imageRoot: string;
  readonly sessionMs: number;
  /** Most records in flight in each stage. */
  readonly windowRecords: number;
  readonly failAt?: FailAt;
  /** Posts after which the extractor holds every further one back until it is told to let go. */
  readonly holdAfter?: number;
}

/** What a worker is told later: to let go of what its extractor holds back. */
export const RELEASE = 'release';
