import { GrapevineError } from '../../errors.ts';
import type { DetectorSettings } from './detector-settings.ts';

/** A family of detectors whose files look alike. */
export type Convention = NonNullable<DetectorSettings['convention']>;

/** An input or output as a graph declares it, or as a run gave it; dimensions without a fixed size have a name instead. */
export interface TensorSpec {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

/** What can be known about a detector file without knowing its convention. */
export interface DetectorGraph {
  readonly file: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** A graph's inputs by what they are for. */
export interface InputRoles {
  /** float32 [1, 3, height, width] */
  readonly picture: TensorSpec;
  /** Name of the int64 [1, 2] input for the (width, height) that boxes are scaled to. */
  readonly targetSize: string | undefined;
  /** int64 [1, height, width], 1 where the picture is. */
  readonly mask: TensorSpec | undefined;
}

/** How a picture becomes the graph's input. */
export interface InputPlan {
  readonly resize: NonNullable<DetectorSettings['resize']>;
  /** Pixels; with `shortest-edge` both are the length of the shorter side. */
  readonly width: number;
  readonly height: number;
  /** Per RGB channel, for values of 0..1. */
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** A matrix in an output: [1, rows, columns], or [1, columns, rows] when transposed. */
export interface Matrix {
  readonly output: string;
  readonly columns: number;
  readonly transposed: boolean;
}

/** Where boxes and scores are in the outputs; row i of both matrices is the same candidate. */
export interface OutputPlan {
  /** Its first four columns are a box. */
  readonly boxes: Matrix;
  readonly boxFormat: NonNullable<DetectorSettings['boxFormat']>;
  /** Shares of the input's sides, pixels of the input, or pixels of the picture itself. */
  readonly coords: 'normalized' | 'input' | 'picture';
  readonly scores: Matrix;
  /** Columns [firstClass, endClass) of the scores are the classes'. */
  readonly firstClass: number;
  readonly endClass: number;
  /** Column that scales the classes' scores. */
  readonly objectness: number | undefined;
  readonly activation: NonNullable<DetectorSettings['scores']>;
}

/** Which candidates become regions. */
export type RegionPolicy = Required<{
  readonly [Key in 'threshold' | 'iou' | 'minSize' | 'maxRegions']: NonNullable<DetectorSettings[Key]>;
}>;

/** Everything needed to run one detector file and to read its answer. */
export interface DetectorPlan {
  readonly convention: Convention;
  readonly roles: InputRoles;
  readonly input: InputPlan;
  readonly output: OutputPlan;
  readonly policy: RegionPolicy;
}

/** The refusal of a detector file: why, and everything that was found in it. */
export function refused(graph: DetectorGraph, reason: string, cause?: unknown): GrapevineError {
  const found = `inputs ${describe(graph.inputs)}; outputs ${describe(graph.outputs)}`;
  const message = `reading the detector ${graph.file}: ${reason} (${found}; docs/regions.md says what fits)`;
  return new GrapevineError('BUNDLE_INVALID', message, cause === undefined ? {} : { cause });
}

function describe(tensors: readonly TensorSpec[]): string {
  return tensors.map(({ name, type, shape }) => `${name} ${type} [${shape.join(', ')}]`).join(', ') || 'none';
}
