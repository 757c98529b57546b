import { type DetectorGraph, type InputPlan, type InputRoles, refused } from './detector-plan.ts';
import type { DetectorSettings } from './detector-settings.ts';

/** Pixels of a side that neither the graph nor a setting fixes. */
export const USUAL_SIDE = 640;

/** Tells a detector's inputs apart by their names. @throws {BUNDLE_INVALID} one is missing, unknown or of a kind that cannot be fed */
export function recogniseInputs(graph: DetectorGraph): InputRoles {
  const named = (name: string) => graph.inputs.find((input) => input.name === name);
  const [targetSize, mask] = [named('orig_target_sizes'), named('pixel_mask')];
  if (named('input_ids')) throw refused(graph, 'it looks for what a text names, and no text is given to a detector');
  for (const input of [targetSize, mask]) {
    if (input && input.type !== 'int64') throw refused(graph, `${input.name} is ${input.type}, expected int64`);
  }
  const rest = graph.inputs.filter((input) => input !== targetSize && input !== mask);
  const [picture] = rest;
  if (!picture || rest.length > 1) {
    throw refused(graph, 'expected one input for the picture, and beside it only orig_target_sizes and pixel_mask');
  }
  const [batch, channels] = picture.shape;
  const fits = picture.shape.length === 4 && accepts(batch, 1) && accepts(channels, 3) && picture.type === 'float32';
  if (!fits) throw refused(graph, `${picture.name} is not float32 [1, 3, height, width]`);
  return { picture, targetSize: targetSize?.name, mask };
}

/**
 * Pixels of the graph's input; with `shortest-edge` both are the length of the shorter side.
 *
 * @throws {BUNDLE_INVALID} the graph has fixed sides and the settings contradict them
 */
export function inputSides(
  graph: DetectorGraph,
  { picture }: InputRoles,
  settings: DetectorSettings,
  usual = USUAL_SIDE,
): Pick<InputPlan, 'width' | 'height'> {
  const side = settings.inputSize ?? usual;
  const [height, width] = picture.shape.slice(2).map((fixed) => (typeof fixed === 'number' ? fixed : side));
  if (settings.inputSize !== undefined && (width !== side || height !== side)) {
    throw refused(graph, `the setting inputSize is ${side}, ${picture.name} is fixed to ${width} x ${height}`);
  }
  if (settings.resize === 'shortest-edge' && hasFixedSide({ picture })) {
    throw refused(graph, `the setting resize is shortest-edge, ${picture.name} has a fixed side`);
  }
  return { width: width as number, height: height as number };
}

/** Whether pictures of different shapes cannot be given as they are. */
export function hasFixedSide({ picture }: Pick<InputRoles, 'picture'>): boolean {
  return picture.shape.slice(2).some((side) => typeof side === 'number');
}

function accepts(dimension: number | string | undefined, wanted: number): boolean {
  return typeof dimension === 'string' || dimension === wanted;
}
