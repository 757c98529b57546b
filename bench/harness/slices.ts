/** What ours did in a slice of time: work of each kind that was finished in it. */
export interface OursSlice {
  readonly seconds: number;
  readonly posts: number;
  readonly pictures: number;
  readonly nerPieces: number;
  readonly rePieces: number;
  /** Pieces of padding among all those run. */
  readonly padding: number;
  /** Delays of the main thread's event loop, milliseconds. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Resident memory of the whole process, bytes. */
  readonly rss: number;
}

/** Units of one kind of work and the thread-seconds they took. */
export interface Work {
  readonly units: number;
  readonly seconds: number;
}

/** The kinds of work, each with its unit. */
export interface BareSlice {
  /** Pictures decoded, resized and normalised. */
  readonly decode: Work;
  /** Pictures through the picture and prefix graphs of all tasks. */
  readonly visual: Work;
  /** Real pieces through the tagger. */
  readonly ner: Work;
  /** Real pieces through the relation classifier. */
  readonly re: Work;
  readonly threads: number;
}

/** Calls of the per-post path; each costs the same, whatever the text and the picture. */
export interface AuthorsSlice {
  readonly calls: number;
  readonly seconds: number;
}

/** Speed of one core in two products of matrices, 10^9 operations a second. */
export interface CalibrationSlice {
  readonly fp32: number;
  readonly int8: number;
}

/** A consumer's way through so many records. */
export interface StreamSlice {
  readonly posts: number;
  readonly seconds: number;
  /** Of the whole process, its threads included. */
  readonly cpuSeconds: number;
  /** Resident memory every thousand records, bytes. */
  readonly resident: readonly number[];
}

/** Pictures that were made ready for the model. */
export interface PicturesSlice {
  readonly pictures: number;
  readonly seconds: number;
}

/** What a command took for its posts, start included. */
export interface CommandSlice {
  readonly posts: number;
  readonly cpuSeconds: number;
}

/** Posts that a graph took. */
export interface GraphSlice {
  readonly posts: number;
  readonly seconds: number;
  /** Of the process and its threads, and of the server where there is one. */
  readonly cpuSeconds: number;
}

/** A graph that grows. */
export interface GrowthSlice {
  /** Posts a second of each tenth. */
  readonly rates: readonly number[];
  /** p99 of what the API asks of the whole graph, milliseconds. */
  readonly reads: Readonly<Record<string, number>>;
}

/** p99 of what is asked of a graph with a busy entity and fact, milliseconds. */
export type HotSlice = Readonly<Record<string, number>>;

/** Answers of an API. */
export interface AskSlice {
  /** From the time a request was due to its whole answer, milliseconds, by what was asked. */
  readonly times: Readonly<Record<string, readonly number[]>>;
}

/** Events that were decided on. */
export interface JudgeSlice {
  readonly events: number;
  readonly alerts: number;
  readonly seconds: number;
  /** Of the process and its threads. */
  readonly cpuSeconds: number;
}

/** Posts whose webhooks came. */
export interface WakeSlice {
  /** From sending a post to its webhook, milliseconds. */
  readonly times: readonly number[];
}

/** Events that reached subscribers. */
export interface TellSlice {
  /** From the commit of a post to the arrival at a subscriber, milliseconds, for each of both. */
  readonly times: readonly number[];
}
