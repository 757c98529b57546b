import {
  type Convention,
  type DetectorGraph,
  type DetectorPlan,
  type InputPlan,
  type InputRoles,
  type OutputPlan,
  refused,
} from './detector-plan.ts';
import type { DetectorSettings } from './detector-settings.ts';
import { hasManyQueries, locateOutputs, namedPair, singleTable } from './locate-outputs.ts';
import { hasFixedSide, inputSides, recogniseInputs, USUAL_SIDE } from './recognise-inputs.ts';

type Usual = Pick<InputPlan, 'resize' | 'mean' | 'std'> & { readonly side: number; readonly threshold: number };

const YOLO: Usual = { resize: 'letterbox', side: USUAL_SIDE, mean: [0, 0, 0], std: [1, 1, 1], threshold: 0.25 };
const USUAL: Readonly<Record<Convention, Usual>> = {
  yolov5: YOLO,
  yolov8: YOLO,
  'end-to-end': YOLO,
  'rt-detr': { ...YOLO, resize: 'stretch', threshold: 0.6 },
  detr: { resize: 'shortest-edge', side: 800, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], threshold: 0.7 },
};

/** A detector that suppresses overlaps itself gives a few hundred rows; a grid has thousands. */
const MAX_END_TO_END_ROWS = 1000;
const ASK = 'say which one it is with the setting convention (yolov5, yolov8, end-to-end, rt-detr, detr)';

/**
 * How to run a detector file and to read its outputs: what the settings say, else what the names, number and shapes of its
 * inputs and outputs tell, in this order, else what is usual in its family.
 *
 * The outputs' shapes must be complete: where a graph leaves dimensions open, those of a run.
 *
 * @throws {BUNDLE_INVALID} nothing known fits, or the settings contradict the file; the message names the setting that decides
 */
export function recogniseConvention(graph: DetectorGraph, settings: DetectorSettings): DetectorPlan {
  const roles = recogniseInputs(graph);
  const convention = settings.convention ?? guess(graph, roles, settings);
  const usual = USUAL[convention];
  const own = usual.resize === 'shortest-edge' && hasFixedSide(roles) ? 'stretch' : usual.resize;
  const resize = settings.resize ?? own;
  return {
    convention,
    roles,
    input: {
      resize,
      ...inputSides(graph, roles, settings, usual.side),
      mean: settings.mean ?? usual.mean,
      std: settings.std ?? usual.std,
    },
    output: planOutput({
      graph,
      convention,
      settings,
      scalesBoxes: roles.targetSize !== undefined && resize === 'stretch',
    }),
    policy: {
      threshold: settings.threshold ?? usual.threshold,
      iou: settings.iou ?? 0.6,
      minSize: settings.minSize ?? 32,
      maxRegions: settings.maxRegions ?? 3,
    },
  };
}

function guess(graph: DetectorGraph, roles: InputRoles, settings: DetectorSettings): Convention {
  const pair = namedPair(graph);
  if (pair) return pair.decoded || (!roles.mask && hasManyQueries(pair)) ? 'rt-detr' : 'detr';
  const table = singleTable(graph);
  if (!table) throw refused(graph, `its outputs are those of no known detector; ${ASK}`);
  const { first, second } = table;
  if (second === 6 && first <= MAX_END_TO_END_ROWS) return 'end-to-end';
  if (second > 2 * first) return 'yolov8';
  if (first <= 2 * second) throw refused(graph, `it is not clear which side of ${table.output} counts boxes; ${ASK}`);
  // Three boxes a cell mean YOLOv5. One a cell is also what a turned YOLOv8 gives, which has no objectness.
  if (first === gridCells(inputSides(graph, roles, settings))) {
    throw refused(graph, `${table.output} may have an objectness (yolov5) or not (yolov8); ${ASK}`);
  }
  return 'yolov5';
}

/** Cells of the grids of a YOLO with the usual strides. */
function gridCells({ width, height }: Pick<InputPlan, 'width' | 'height'>): number {
  return [8, 16, 32].reduce((sum, stride) => sum + (width / stride) * (height / stride), 0);
}

function planOutput(options: {
  readonly graph: DetectorGraph;
  readonly convention: Convention;
  readonly settings: DetectorSettings;
  /** Whether the graph itself brings boxes back to the picture. */
  readonly scalesBoxes: boolean;
}): OutputPlan {
  const { graph, convention, settings, scalesBoxes } = options;
  const location = locateOutputs(graph, convention);
  if (!location) throw refused(graph, `its outputs are not those of the convention ${convention}; check that setting`);
  for (const { name, type } of graph.outputs) {
    const used = name === location.boxes.output || name === location.scores.output;
    if (used && type !== 'float32') throw refused(graph, `${name} is ${type}, expected float32`);
  }
  const activation = settings.scores ?? location.activation;
  if (activation === 'softmax' && (location.scores === location.boxes || location.scores.columns < 2)) {
    throw refused(graph, `the setting scores is softmax, which needs an output with a logit for every class`);
  }
  const pixels = scalesBoxes ? 'picture' : 'input';
  return {
    ...location,
    boxFormat: settings.boxFormat ?? location.boxFormat,
    coords: (settings.coords ?? location.coords) === 'normalized' ? 'normalized' : pixels,
    endClass: activation === 'softmax' ? location.endClass - 1 : location.endClass,
    activation,
  };
}
