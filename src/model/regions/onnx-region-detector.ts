import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Box } from '../../domain/image.ts';
import { GrapevineError, messageOf } from '../../errors.ts';
import type { RasterImage } from '../preprocess/pil-resize.ts';
import type { Device } from '../runtime/messages.ts';
import { type Candidate, decodeBoxes } from './decode-boxes.ts';
import { type DetectorGraph, type DetectorPlan, type InputRoles, refused, type TensorSpec } from './detector-plan.ts';
import type { DetectorSettings } from './detector-settings.ts';
import { type PreparedInput, prepareInput } from './prepare-input.ts';
import { recogniseConvention } from './recognise-convention.ts';
import { inputSides, recogniseInputs } from './recognise-inputs.ts';
import type { RegionDetector } from './region-detector.ts';
import { selectRegions } from './select-regions.ts';

/** Where a detector is and how it runs. */
export interface DetectorOptions {
  /** Path of the ONNX file. */
  readonly file: string;
  readonly settings: DetectorSettings;
  readonly device: Device;
}

/** A detector of any known convention in an ONNX file, loaded in this thread. Runs block the thread they are called from. */
export class OnnxRegionDetector implements RegionDetector {
  readonly #file: string;
  readonly #session: InferenceSession;
  readonly #plan: DetectorPlan;

  private constructor(file: string, session: InferenceSession, plan: DetectorPlan) {
    this.#file = file;
    this.#session = session;
    this.#plan = plan;
  }

  /**
   * Loads a detector and lets it read a made-up picture, so that a file that does not fit is refused now and not at a post.
   *
   * @throws {BUNDLE_INVALID} the file is no detector that can be run, or not one that the settings describe
   */
  static async load({ file, settings, device }: DetectorOptions): Promise<OnnxRegionDetector> {
    const session = await open(file, device);
    const graph = { file, inputs: tensors(session.inputMetadata), outputs: tensors(session.outputMetadata) };
    try {
      const outputs = await probe(session, graph, settings);
      const detector = new OnnxRegionDetector(file, session, recogniseConvention({ ...graph, outputs }, settings));
      checkScores(graph, await detector.#candidates(madeUpPicture()));
      return detector;
    } catch (cause) {
      await session.release();
      if (cause instanceof GrapevineError && cause.code === 'BUNDLE_INVALID') throw cause;
      throw refused(graph, `a made-up picture was refused: ${messageOf(cause)}`, cause);
    }
  }

  async detect(image: RasterImage): Promise<readonly Box[]> {
    const { policy } = this.#plan;
    if (Math.min(image.width, image.height) < policy.minSize) return [];
    return selectRegions(await this.#candidates(image), image, policy);
  }

  async #candidates(image: RasterImage): Promise<Candidate[]> {
    const { roles, input, output } = this.#plan;
    const prepared = prepareInput(image, input);
    const target = output.coords === 'picture' ? image : prepared.placement;
    const results = await this.#session.run(feeds(roles, prepared, target)).catch((cause: unknown) => {
      throw new GrapevineError('MODEL_FAILED', `running ${this.#file}: ${messageOf(cause)}`, { cause });
    });
    const values = Object.entries(results).flatMap(([name, { data }]) =>
      data instanceof Float32Array ? [[name, data] as const] : [],
    );
    return decodeBoxes(Object.fromEntries(values), output, prepared.placement);
  }
}

async function open(file: string, device: Device): Promise<InferenceSession> {
  const options = {
    executionProviders: [device],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  } as const;
  try {
    return await InferenceSession.create(file, options);
  } catch (cause) {
    const message = `loading the detector ${file} on ${device}: ${messageOf(cause)}; expected an ONNX file`;
    throw new GrapevineError('BUNDLE_INVALID', message, { cause });
  }
}

/** The outputs as a run gives them: only then are all their dimensions known. */
async function probe(
  session: InferenceSession,
  graph: DetectorGraph,
  settings: DetectorSettings,
): Promise<TensorSpec[]> {
  const roles = recogniseInputs(graph);
  const sides = inputSides(graph, roles, settings);
  const prepared = prepareInput(madeUpPicture(), { resize: 'stretch', ...sides, mean: [0, 0, 0], std: [1, 1, 1] });
  const results = await session.run(feeds(roles, prepared, prepared.placement));
  return Object.entries(results).map(([name, { type, dims }]) => ({ name, type, shape: dims }));
}

function feeds(
  { picture, targetSize, mask }: InputRoles,
  { pixels, placement: { width, height } }: PreparedInput,
  target: { readonly width: number; readonly height: number },
): Record<string, Tensor> {
  const feed: Record<string, Tensor> = { [picture.name]: new Tensor('float32', pixels, [1, 3, height, width]) };
  if (targetSize !== undefined) {
    const size = BigInt64Array.of(BigInt(target.width), BigInt(target.height));
    feed[targetSize] = new Tensor('int64', size, [1, 2]);
  }
  if (mask) {
    const [rows = height, columns = width] = mask.shape
      .slice(1)
      .map((side) => (typeof side === 'number' ? side : undefined));
    feed[mask.name] = new Tensor('int64', new BigInt64Array(rows * columns).fill(1n), [1, rows, columns]);
  }
  return feed;
}

function tensors(metadata: InferenceSession['inputMetadata']): TensorSpec[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'other', shape: [] },
  );
}

/** Scores that are no probabilities are a sign of another convention; rounding may exceed 1 a little. */
function checkScores(graph: DetectorGraph, candidates: readonly Candidate[]): void {
  const wrong = candidates.find(({ score }) => score < -0.01 || score > 1.01);
  if (!wrong) return;
  throw refused(graph, `a score is ${wrong.score}, expected 0 to 1; check the settings convention and scores`);
}

/** A picture with a gradient, wider than high. */
function madeUpPicture(): RasterImage {
  const [width, height] = [96, 64];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (Math.floor(i / 3) % width) * 2);
  return { data, width, height, channels: 3 };
}
