import type { GraphChange, GraphModel } from '../state/graph-model.ts';
import { hoverOn } from './draw-label.ts';
import { createDrawnGraph, drawChange, wholeOf } from './drawn-graph.ts';
import { type Box, boxOf, distanceOf, easeTo } from './frame.ts';
import { listenToHands, type StageHands } from './hands.ts';
import { Layout } from './layout.ts';
import { type Focus, fadeOf, focusOn, isMuch, lookOfEdge, lookOfNode, NO_FOCUS, type StageLook } from './look.ts';
import { differenceOf } from './look-difference.ts';
import { PacedSigma } from './paced-sigma.ts';
import { pictureOf } from './picture.ts';
import { Pulses } from './pulses.ts';

/** How far a frame that has much in it may be from what is in it before it moves, in parts of its width. */
const SLACK = 0.04;

/** Draws the model and lets a person touch it. */
export class Stage {
  readonly graph = createDrawnGraph();
  readonly #sigma: PacedSigma;
  readonly #layout: Layout;
  readonly #model: GraphModel;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  readonly #pulses = new Pulses((edges) => this.#sigma.repaint({ nodes: [], edges: this.#drawn(edges) }));
  readonly #isDragging: () => boolean;
  #look: StageLook;
  #focus: Focus = NO_FOCUS;
  #hovered = '';
  #wasMuch = false;
  #easing = 0;
  #box: Box | undefined;
  #wanted: Box | undefined;

  /** @throws {Error} when the browser has no WebGL. */
  constructor(container: HTMLElement, model: GraphModel, look: StageLook, hands: StageHands) {
    this.#model = model;
    this.#look = look;
    this.#sigma = new PacedSigma(this.graph, container, {
      allowInvalidContainer: true,
      defaultEdgeType: 'arrow',
      renderEdgeLabels: true,
      labelFont: 'system-ui, sans-serif',
      labelSize: 13,
      labelDensity: 0.7,
      labelGridCellSize: 90,
      labelRenderedSizeThreshold: 5,
      edgeLabelSize: 11,
      minEdgeThickness: 1.2,
      stagePadding: 50,
      zIndex: true,
      defaultDrawNodeHover: hoverOn(() => this.#look.palette),
      nodeReducer: (id, data) => lookOfNode(this.graph, this.#look, this.#focus, id, data),
      edgeReducer: (id, data) => lookOfEdge(this.graph, this.#look, this.#focus, id, data, this.#pulses.of(id)),
    });
    this.#paint();
    this.#layout = new Layout(this.graph, (isUntangling) => this.#fit(isUntangling ? 'at once' : 'slowly'));
    this.#isDragging = listenToHands(this.#sigma, this.graph, hands, {
      facts: () => this.#look.facts,
      entities: () => this.#look.entities,
      onHover: (id) => this.#hover(id),
      onHold: () => {
        this.#box ??= this.#sigma.getBBox();
      },
      onMoved: () => this.#layout.settle(),
    });
    if (model.facts.size > 0) this.apply(wholeOf(model));
  }

  /** Follows a change of the model. */
  apply(change: GraphChange): void {
    const wasEmpty = this.graph.order === 0;
    drawChange(this.graph, this.#model, change);
    const isOtherMuch = isMuch(this.graph) !== this.#wasMuch;
    this.#wasMuch = isMuch(this.graph);
    this.#pulses.isSteady = this.#wasMuch || this.#still.matches;
    for (const id of change.addedEntities) if (this.#look.pinned.includes(id)) this.#fix(id, true);
    const focus = focusOn(this.graph, this.#hovered === '' ? this.#look.selected : this.#hovered);
    const isOtherFocus = focus.near.size !== this.#focus.near.size;
    this.#focus = focus;
    if (isOtherMuch || isOtherFocus || !change.isNews) this.#sigma.repaint();
    if (wasEmpty) this.#fit('at once');
    if (change.addedFacts.length + change.removedEntities.length > 0) {
      if (change.isNews) this.#layout.settle();
      else this.#layout.untangle();
    }
    if (change.isNews) this.#pulses.start(this.#drawn([...change.addedFacts, ...change.changedFacts]));
  }

  /** Looks at the same graph in another way. */
  restyle(look: StageLook): void {
    const before = this.#look;
    this.#look = look;
    if (look.palette !== before.palette) this.#paint();
    if (look.selected !== before.selected) {
      this.#showSelected();
      this.#focusAnew();
    }
    if (look.pinned !== before.pinned) {
      for (const id of new Set([...before.pinned, ...look.pinned])) this.#fix(id, look.pinned.includes(id));
    }
    const stale = differenceOf(before, look);
    const faded = look.nowMs === before.nowMs ? [] : this.#fadedSince(before.nowMs);
    if (stale === 'all') this.#sigma.repaint();
    else if (stale.nodes.length + stale.edges.length + faded.length > 0)
      this.#sigma.repaint({
        nodes: stale.nodes.filter((id) => this.graph.hasNode(id)),
        edges: this.#drawn([...stale.edges, ...faded]),
      });
  }

  /** Moves the camera: by parts of the view, and nearer or farther. */
  move({ x = 0, y = 0, zoom = 1 }: { x?: number; y?: number; zoom?: number }): void {
    const camera = this.#sigma.getCamera();
    const state = camera.getState();
    const next = { x: state.x + x * state.ratio, y: state.y + y * state.ratio, ratio: state.ratio * zoom };
    void camera.animate(next, { duration: this.#still.matches ? 0 : 150 });
  }

  /** Shows the whole graph. */
  reset(): void {
    this.#fit('at once');
    void this.#sigma.getCamera().animatedReset({ duration: this.#still.matches ? 0 : 300 });
  }

  /** The drawing as a picture. */
  picture(): Promise<Blob> {
    return pictureOf(this.#sigma, this.#look.palette.ground);
  }

  /** Where an entity lies in the layout. */
  positionOf(id: string): { x: number; y: number } | undefined {
    if (!this.graph.hasNode(id)) return undefined;
    const { x, y } = this.graph.getNodeAttributes(id);
    return { x, y };
  }

  /** Where an entity is drawn, in pixels from the left and the top; for those who point at it from outside. */
  placeOf(id: string): { x: number; y: number } | undefined {
    return this.graph.hasNode(id) ? this.#sigma.graphToViewport(this.graph.getNodeAttributes(id)) : undefined;
  }

  /** The colour of a link; for those who look from outside, too. */
  colourOf(factId: string): string | undefined {
    return this.#sigma.getEdgeDisplayData(factId)?.color;
  }

  close(): void {
    cancelAnimationFrame(this.#easing);
    this.#pulses.close();
    this.#layout.close();
    this.#sigma.kill();
  }

  #drawn(edges: readonly string[]): string[] {
    return edges.filter((id) => this.graph.hasEdge(id));
  }

  /** Edges that are a shade fainter now than at another time. */
  #fadedSince(beforeMs: number): string[] {
    const { nowMs } = this.#look;
    return this.graph.filterEdges((_, { seenMs }) => fadeOf(nowMs - seenMs) !== fadeOf(beforeMs - seenMs));
  }

  #fix(id: string, isFixed: boolean): void {
    if (this.graph.hasNode(id)) this.graph.setNodeAttribute(id, 'fixed', isFixed);
  }

  #hover(id: string): void {
    this.#hovered = id;
    this.#focusAnew();
    this.#sigma.takeInHand();
  }

  /** What is near the focus stands out, and the rest steps back. */
  #focusAnew(): void {
    this.#focus = focusOn(this.graph, this.#hovered === '' ? this.#look.selected : this.#hovered);
    this.#sigma.repaint();
  }

  #paint(): void {
    const { ink, edge } = this.#look.palette;
    this.#sigma.setSettings({ labelColor: { color: ink }, edgeLabelColor: { color: ink }, defaultEdgeColor: edge });
  }

  /** Frames the graph: at once, or a part of the way with every frame, so that the view does not jump. */
  #fit(how: 'at once' | 'slowly'): void {
    this.#sigma.reindex();
    const box = boxOf(this.graph);
    if (!box || this.#isDragging()) return;
    this.#wanted = box;
    if (how === 'at once' || !this.#box || this.#still.matches) this.#frameTo(box);
    // Where there is much, every move of the frame is dear.
    else if (this.#wasMuch) {
      if (distanceOf(this.#box, box) > SLACK) this.#frameTo(box);
    } else if (this.#easing === 0) this.#easing = requestAnimationFrame(this.#ease);
  }

  readonly #ease = (): void => {
    this.#easing = 0;
    if (!this.#wanted || !this.#box || this.#isDragging()) return;
    const { box, isThere } = easeTo(this.#box, this.#wanted);
    this.#frameTo(box);
    if (!isThere) this.#easing = requestAnimationFrame(this.#ease);
  };

  #frameTo(box: Box): void {
    this.#box = box;
    this.#sigma.setCustomBBox({ x: [...box.x], y: [...box.y] });
    this.#sigma.reindex();
  }

  #showSelected(): void {
    const { selected } = this.#look;
    const shown = this.graph.hasNode(selected) && this.#sigma.getNodeDisplayData(selected);
    if (!shown) return;
    const camera = this.#sigma.getCamera();
    const { x, y, ratio } = camera.getState();
    // What is on the screen already is left where it is.
    if (Math.abs(shown.x - x) < ratio * 0.4 && Math.abs(shown.y - y) < ratio * 0.4) return;
    void camera.animate({ x: shown.x, y: shown.y }, { duration: this.#still.matches ? 0 : 400 });
  }
}
