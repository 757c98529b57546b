import type { ForceAtlas2Settings } from 'graphology-layout-forceatlas2';
import iterate from 'graphology-layout-forceatlas2/iterate.js';
import { type LayoutAnswer, type LayoutTask, NODE_STRIDE } from './layout-messages.ts';

/** Time of one turn of work, milliseconds; after it the nodes are told where they are: less often when there are many. */
const TURN_MS = 60;
const TURN_OF_MANY_MS = 240;
const MANY_NODES = 800;

let task: LayoutTask | undefined;
let done = 0;
let isWorking = false;

addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => {
  task = data;
  done = 0;
  if (!isWorking) turn();
});

function turn(): void {
  if (!task) return;
  isWorking = true;
  const { version, nodes, edges, steps } = task;
  const order = nodes.length / NODE_STRIDE;
  const settings: Required<ForceAtlas2Settings> = {
    linLogMode: false,
    outboundAttractionDistribution: false,
    adjustSizes: false,
    edgeWeightInfluence: 0,
    scalingRatio: 10,
    strongGravityMode: true,
    gravity: 0.15,
    slowDown: 2 + Math.log(order + 1),
    barnesHutOptimize: order > 400,
    barnesHutTheta: 0.6,
  };
  const turnMs = order > MANY_NODES ? TURN_OF_MANY_MS : TURN_MS;
  const start = performance.now();
  while (done < steps && performance.now() - start < turnMs) {
    iterate(settings, nodes, edges);
    done++;
  }
  const positions = new Float32Array(order * 2);
  for (let i = 0; i < order; i++) {
    positions[2 * i] = nodes[i * NODE_STRIDE] ?? 0;
    positions[2 * i + 1] = nodes[i * NODE_STRIDE + 1] ?? 0;
  }
  const answer: LayoutAnswer = { version, positions, isDone: done >= steps };
  postMessage(answer, { transfer: [positions.buffer] });
  isWorking = !answer.isDone;
  if (isWorking) setTimeout(turn);
}
