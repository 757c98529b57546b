import { Sigma } from 'sigma';
import {
  EdgeArrowProgram,
  EdgeLineProgram,
  EdgeRectangleProgram,
  NodeCircleProgram,
  NodePointProgram,
} from 'sigma/rendering';
import type { Settings } from 'sigma/settings';
import type { DrawnGraph, EdgeLook, NodeLook } from './drawn-graph.ts';

/** Rest after a drawing, in times of what it took: for what comes in by itself, and for what a person moves. */
const REST = 2;
const REST_IN_HAND = 0.2;

/** A drawing that takes less, milliseconds, needs no rest. */
const CHEAP_MS = 8;

/** Longest rest, milliseconds. */
const MAX_REST_MS = 1000;

/** How long a person's move counts, milliseconds. */
const IN_HAND_MS = 300;

/** What to draw anew; all of it without a list. */
interface Stale {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

/**
 * Draws on a canvas, and rests after it: where WebGL is computed by the processor, the page has to wait for it with every
 * drawing, and what a person types would wait, too.
 */
export class PacedSigma extends Sigma<NodeLook, EdgeLook> {
  #frame = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #freeAtMs = 0;
  #costMs = 0;
  #inHandUntilMs = 0;
  #isAllStale = false;

  constructor(graph: DrawnGraph, container: HTMLElement, settings: Partial<Settings<NodeLook, EdgeLook>>) {
    super(graph, container, {
      ...settings,
      // Circles and lines with a thickness are copies of one shape, which a processor draws one by one.
      nodeProgramClasses: { circle: NodeCircleProgram, point: NodePointProgram },
      nodeHoverProgramClasses: { circle: NodeCircleProgram, point: NodeCircleProgram },
      // In this order they lie upon each other: what stands out is on top.
      edgeProgramClasses: { arrow: EdgeArrowProgram, line: EdgeLineProgram, band: EdgeRectangleProgram },
    });
    this.getCamera().on('updated', () => this.takeInHand());
  }

  /** A person moves something: it should follow at once. */
  takeInHand(): void {
    const nowMs = performance.now();
    this.#inHandUntilMs = nowMs + IN_HAND_MS;
    this.#freeAtMs = Math.min(this.#freeAtMs, nowMs + this.#costMs * REST_IN_HAND);
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.scheduleRender();
  }

  /** Draws with another look of some nodes and edges, or of all. */
  repaint(stale?: Stale): void {
    if (!stale) this.#isAllStale = true;
    else if (!this.#isAllStale)
      super.refresh({ partialGraph: { nodes: [...stale.nodes], edges: [...stale.edges] }, schedule: true });
    this.scheduleRender();
  }

  /** Draws what has other places. */
  reindex(): void {
    super.refresh({ partialGraph: {}, skipIndexation: false, schedule: true });
  }

  override refresh(options: Parameters<Sigma['refresh']>[0] = {}): this {
    // A node or an edge that goes makes no other one look different.
    const { partialGraph = {}, ...rest } = options;
    return options.schedule === true ? super.refresh({ ...rest, partialGraph }) : super.refresh(options);
  }

  override scheduleRender(): this {
    if (this.#frame !== 0 || this.#timer !== undefined) return this;
    const restMs = this.#freeAtMs - performance.now();
    if (restMs <= 0) this.#drawSoon();
    else
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        this.#drawSoon();
      }, restMs);
    return this;
  }

  override kill(): void {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    super.kill();
  }

  /** With the next frame, or with the one after it when nobody waits: then what the change cost otherwise is in a frame of its own. */
  #drawSoon(): void {
    const isInHand = performance.now() < this.#inHandUntilMs;
    const draw = isInHand
      ? this.#draw
      : () => {
          this.#frame = requestAnimationFrame(this.#draw);
        };
    this.#frame = requestAnimationFrame(draw);
  }

  readonly #draw = (): void => {
    this.#frame = 0;
    const startMs = performance.now();
    const graph = this.getGraph();
    if (this.#isAllStale) super.refresh({ partialGraph: { nodes: graph.nodes(), edges: graph.edges() } });
    else super.refresh({ partialGraph: {}, skipIndexation: true });
    this.#isAllStale = false;
    // The task after this one begins when the frame is out.
    setTimeout(() => {
      const nowMs = performance.now();
      this.#costMs = nowMs - startMs;
      const rest = nowMs < this.#inHandUntilMs ? REST_IN_HAND : REST;
      this.#freeAtMs = this.#costMs < CHEAP_MS ? nowMs : nowMs + Math.min(MAX_REST_MS, this.#costMs * rest);
    });
  };
}
