/**
 * Rules and silences that people made over the API, and channels that have stopped working. They stand beside the graph, so that every process that decides alerts
 * has the same, and a decision never mixes those of before a change with those of after.
 */
export interface AlertRuleStore {
  /** All that there is, and the revision since which it is so. */
  ruleBook(): Promise<StoredRuleBook>;
  /** Writes a change in one transaction. False, and nothing is changed, where the book has changed since it was read. */
  changeRules(change: RuleBookChange): Promise<boolean>;
}

/** All rules and silences of one revision, in no order. */
export interface StoredRuleBook {
  /** See `AlertHead.rulesRevision`. */
  readonly revision: number;
  readonly rules: readonly StoredRule[];
  readonly silences: readonly Silence[];
  readonly disabledChannels: readonly DisabledChannel[];
}

/** A channel that nothing is sent to until somebody enables it. */
export interface DisabledChannel {
  readonly channel: string;
  /** Outcome of the attempt after which it was: `http_410`, or the last one of a delivery that was given up. */
  readonly outcome: string;
  readonly atMs: number;
}

/** A rule as it was written. */
export interface StoredRule {
  readonly name: string;
  /** Plain data, as a file of rules would hold it. */
  readonly definition: unknown;
  readonly createdMs: number;
  readonly updatedMs: number;
}

/** Keeps alerts from being sent for a time; they are in the log all the same. */
export interface Silence {
  readonly id: string;
  /** Only those of this rule; null for every rule. */
  readonly rule: string | null;
  /** Only facts with one of these entities at an end; none for every fact. */
  readonly entityIds: readonly string[];
  /** From when, inclusive, and until when, exclusive: epoch milliseconds. */
  readonly startsMs: number;
  readonly endsMs: number;
  readonly reason: string | null;
  readonly createdMs: number;
}

/** What changes at once. */
export interface RuleBookChange {
  /** That of the book that was read. */
  readonly revision: number;
  readonly putRules?: readonly StoredRule[];
  /** Names of rules that go, with all that they remember. */
  readonly removedRules?: readonly string[];
  readonly putSilences?: readonly Silence[];
  /** Ids of silences that go. */
  readonly removedSilences?: readonly string[];
  readonly disabledChannels?: readonly DisabledChannel[];
  /** Names of channels that are sent to again. */
  readonly enabledChannels?: readonly string[];
}
