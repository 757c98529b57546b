import type { Spike } from '../domain/graph.ts';

/**
 * What has been decided and delivered of alerts; it stands beside the graph. It keeps no names and no text: what a
 * delivery tells is read from the events and the graph when it is sent, so that erasing an author reaches it.
 */
export interface AlertStore {
  head(): Promise<AlertHead>;
  /**
   * Says which entities are watched, by keys of `plan/watched.ts`, instead of those until now; a key that was watched before is
   * watched since then. Of a watched entity each post that is committed after this and comes to mention it is told as
   * `entity.mentioned`, in the transaction that writes it; of one that is watched for its pairs, each pair as `pair.mentioned`.
   *
   * An event for every mention would make the log many times as long as it is, for nobody; posts beside the log have no order
   * that a process which comes back could go on in. So the writers tell of just those entities that somebody waits for: what
   * is told is kept, ordered and sent like all other events, and where nobody waits a writer looks at an empty list.
   */
  watch(keys: readonly string[], nowMs: number): Promise<void>;
  /** The rows that are there of these keys, in no order. */
  states(keys: readonly string[]): Promise<readonly AlertState[]>;
  /** The rows that are about these facts or entities, in no order. */
  statesOfFacts(factIds: readonly string[]): Promise<readonly AlertState[]>;
  /** Rows that are due, earliest first. */
  dueStates(nowMs: number, limit: number): Promise<readonly AlertState[]>;
  /**
   * Writes what was decided in one transaction. False, and nothing is changed, where the revision is not that any more:
   * another process has decided meanwhile. An alert or delivery whose id is there already is not added again.
   */
  decide(decision: AlertDecision): Promise<boolean>;
  /** Takes deliveries that are due, for a time in which no other process gets them; oldest first. */
  takeDeliveries(request: TakeDeliveries): Promise<readonly DueDelivery[]>;
  /** Notes an attempt, unless another process has taken the delivery since. */
  noteAttempt(note: AttemptNote): Promise<void>;
}

/** Where deciding stands. */
export interface AlertHead {
  /** Position of the last event that was decided on; undefined before the first. */
  readonly position: number | undefined;
  /** Grows with every decision, and with every change of rules. */
  readonly revision: number;
  /** The revision that the last change of rules or silences made; 0 before the first. */
  readonly rulesRevision: number;
}

/** One row of what rules remember. What the value means is the rules' affair. */
export interface AlertState {
  readonly key: string;
  readonly rule: string;
  /** The fact, or the entity, it is about, where there is one. */
  readonly factId: string | null;
  /** When something is to happen with it, epoch milliseconds. */
  readonly dueMs: number | null;
  /** JSON without names or text of posts. */
  readonly value: string;
}

/** What was decided at one revision. */
export interface AlertDecision {
  readonly revision: number;
  /** Position of the last event that was decided on. */
  readonly position: number;
  readonly put: readonly AlertState[];
  /** Keys of rows that go. */
  readonly removed: readonly string[];
  readonly alerts: readonly NewAlert[];
}

/** What an alert is about, and the event that told. */
export type AlertSubject = AlertedFact | AlertedEntity;

interface AlertCause {
  /** Key and position of the event. */
  readonly key: string;
  readonly position: number;
}

/** A fact that an alert is about. */
export interface AlertedFact extends AlertCause {
  readonly factId: string;
  readonly type: string;
  readonly headId: string;
  readonly tailId: string;
}

/** An entity that an alert is about. */
export interface AlertedEntity extends AlertCause {
  readonly entityId: string;
  readonly type: string;
  /** What it was merged into, or what it is a pair with. */
  readonly otherId?: string;
  /** One of its mentions: each is told for itself. */
  readonly isMention?: true;
  /** Where it tells that mentions became many. */
  readonly spike?: Spike;
}

/** One alert. */
export interface Alert {
  /** Stable: the same rule and events give the same. */
  readonly id: string;
  readonly rule: string;
  readonly type: 'alert.fired' | 'alert.resolved';
  readonly severity: string;
  /** When it fired, epoch milliseconds. */
  readonly atMs: number;
  /** At least one; several where the rule groups. */
  readonly subjects: readonly AlertSubject[];
  /** Of a resolved one: the alerts that had fired. */
  readonly firedIds?: readonly string[];
  /** The silence that kept it from being sent. */
  readonly silencedBy?: string;
}

/** An alert with what is sent of it. */
export interface NewAlert extends Alert {
  readonly deliveries: readonly NewDelivery[];
}

/** One alert on its way to one channel. */
export interface NewDelivery {
  readonly id: string;
  readonly channel: string;
  /** When it is sent first, epoch milliseconds. */
  readonly dueMs: number;
}

/** Who takes deliveries, how many and for how long. */
export interface TakeDeliveries {
  readonly holder: string;
  readonly leaseMs: number;
  readonly limit: number;
  /** Channels whose deliveries are left. */
  readonly except?: readonly string[];
  readonly nowMs: number;
}

/** A delivery that is due. */
export interface DueDelivery {
  readonly id: string;
  readonly channel: string;
  /** Attempts of the schedule made before. */
  readonly attempts: number;
  readonly alert: Alert;
}

/** What became of one attempt. */
export interface AttemptNote {
  readonly id: string;
  readonly holder: string;
  /** `pending` is tried again at `dueMs`. */
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly dueMs: number;
  readonly outcome: string;
  /** How many attempts of the schedule it has used up: none where the receiver asked to wait. */
  readonly counted: 0 | 1;
  /** When the attempt ended, epoch milliseconds, and how long it took. */
  readonly atMs: number;
  readonly milliseconds: number;
  /** How the answer began. */
  readonly answer: string | null;
}
