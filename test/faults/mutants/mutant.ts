/** One defence switched off: other text in one file, and the fault that must notice. */
export interface Mutant {
  readonly name: string;
  /** What it is without. */
  readonly without: string;
  /** File that changes, from the root of the project. */
  readonly file: string;
  /** Texts that stand in the file once each, and what stands there instead. */
  readonly edits: readonly (readonly [from: string, to: string])[];
  /** Fault under which a run must fail. */
  readonly fault: string;
  /** What the run must say. Any other failure would only show that the mutant does not work at all. */
  readonly shows: RegExp;
}
