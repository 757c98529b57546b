import { Sigma } from 'sigma';
import type { GraphChange, GraphModel } from '../state/graph-model.ts';
import { hoverOn } from './draw-label.ts';
import { createDrawnGraph, type DrawnGraph, drawModel, type EdgeLook, type NodeLook } from './drawn-graph.ts';
import { edgeAt } from './edge-at.ts';
import { Layout } from './layout.ts';
import { kindIndex, type Palette } from './palette.ts';

/** What decides how the graph looks. */
export interface StageLook {
  readonly palette: Palette;
  readonly facts: ReadonlySet<string>;
  readonly entities: ReadonlySet<string>;
  readonly selected: string;
  readonly pinned: readonly string[];
  /** Entities and facts of a path; empty while there is none. */
  readonly path: ReadonlySet<string>;
  /** Words on edges. */
  readonly words: (type: string) => string;
  /** Neighbours of an entity that are not on the page. */
  readonly hiddenOf: ReadonlyMap<string, number>;
}

/** What a person does to the drawing. */
export interface StageHands {
  onSelect(id: string): void;
  onExpand(id: string): void;
  onPin(id: string): void;
}

/** Length of a pulse, milliseconds. */
const PULSE_MS = 1800;

/** Steps of the layout after a few links came in, and after the graph was read. */
const SETTLE_STEPS = 40;
const UNTANGLE_STEPS = 400;

/** Edges from which on they have no heads, and nodes from which on nothing swells: each would be drawn anew in every frame. */
const MANY_EDGES = 1500;
const MANY_NODES = 800;

/** How near an edge is pressed, pixels. */
const NEAR = 6;

/** Nodes from which on they are drawn smaller. */
const LARGE = 250;

/** Part of the way that the frame of the drawing goes at a time, and how near is there, in parts of its width. */
const EASE = 0.12;
const EASED = 0.002;

interface Box {
  readonly x: [number, number];
  readonly y: [number, number];
}

/** Draws the model and lets a person touch it. */
export class Stage {
  readonly graph = createDrawnGraph();
  readonly #sigma: Sigma<NodeLook, EdgeLook>;
  readonly #layout: Layout;
  readonly #model: GraphModel;
  readonly #still: MediaQueryList;
  readonly #pulses = new Map<string, number>();
  #look: StageLook;
  #near: ReadonlySet<string> = new Set();
  #hovered = '';
  /** Nodes of a large graph are drawn smaller. */
  #scale = 1;
  #frame = 0;
  #isUntangling = true;
  #easing = 0;
  #box: Box | undefined;
  #wanted: Box | undefined;
  #dragged: string | undefined;
  #hasMoved = false;

  /** @throws {Error} when the browser has no WebGL. */
  constructor(container: HTMLElement, model: GraphModel, look: StageLook, hands: StageHands) {
    this.#model = model;
    this.#look = look;
    this.#still = matchMedia('(prefers-reduced-motion: reduce)');
    this.#sigma = new Sigma(this.graph, container, {
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
      nodeReducer: (id, data) => this.#drawNode(id, data),
      edgeReducer: (id, data) => this.#drawEdge(id, data),
    });
    this.#paint();
    this.#layout = new Layout(this.graph, () => this.#fit(this.#isUntangling ? 'at once' : 'slowly'));
    this.#listen(hands);
    if (model.facts.size > 0) this.#untangle();
  }

  /** Follows a change of the model. */
  apply(change: GraphChange): void {
    const wasEmpty = this.graph.order === 0;
    this.#scale = Math.min(1, Math.sqrt(LARGE / this.#model.entities.size));
    const { added, changed } = drawModel(this.graph, this.#model);
    if (wasEmpty) this.#fit('at once');
    if (changed) {
      this.#isUntangling = !change.isNews;
      this.#layout.run(change.isNews ? SETTLE_STEPS : UNTANGLE_STEPS);
    }
    if (!change.isNews) return;
    for (const id of [...added, ...change.changedFacts]) if (this.graph.hasEdge(id)) this.#pulse(id);
  }

  /** Looks at the same graph in another way. */
  restyle(look: StageLook): void {
    const hasOtherPalette = look.palette !== this.#look.palette;
    const wasSelected = this.#look.selected;
    this.#look = look;
    if (hasOtherPalette) this.#paint();
    if (look.selected !== wasSelected) this.#showSelected();
    this.graph.forEachNode((id, { fixed }) => {
      const isPinned = look.pinned.includes(id);
      if (isPinned !== fixed) this.graph.setNodeAttribute(id, 'fixed', isPinned);
    });
    this.#findNear();
    this.#sigma.refresh({ schedule: true, skipIndexation: false });
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
  async picture(): Promise<Blob> {
    this.#sigma.refresh();
    const canvases = this.#sigma.getCanvases();
    const { width, height } = canvases['nodes'] ?? { width: 1, height: 1 };
    const sheet = Object.assign(document.createElement('canvas'), { width, height });
    const context = sheet.getContext('2d');
    if (!context) throw new Error('The browser gives no canvas to draw on.');
    context.fillStyle = this.#look.palette.ground;
    context.fillRect(0, 0, width, height);
    for (const name of ['edges', 'edgeLabels', 'nodes', 'labels']) {
      const layer = canvases[name];
      if (layer && layer.width > 0) context.drawImage(layer, 0, 0, width, height);
    }
    return new Promise((resolve, reject) => {
      sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('The picture could not be made.'))), 'image/png');
    });
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

  close(): void {
    cancelAnimationFrame(this.#frame);
    cancelAnimationFrame(this.#easing);
    this.#layout.close();
    this.#sigma.kill();
  }

  #untangle(): void {
    drawModel(this.graph, this.#model);
    this.#fit('at once');
    this.#layout.run(UNTANGLE_STEPS);
  }

  #listen({ onSelect, onExpand, onPin }: StageHands): void {
    const sigma = this.#sigma;
    sigma.on('clickNode', ({ node }) => {
      if (!this.#hasMoved) onSelect(node);
    });
    sigma.on('clickStage', ({ event }) =>
      onSelect(edgeAt(this.graph, this.#look.facts, sigma.viewportToGraph(event), this.#reach())),
    );
    sigma.on('doubleClickNode', ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      onExpand(node);
    });
    sigma.on('enterNode', ({ node }) => this.#hover(node));
    sigma.on('leaveNode', () => this.#hover(''));
    sigma.on('downNode', ({ node }) => {
      this.#dragged = node;
      this.#hasMoved = false;
      this.#box ??= sigma.getBBox();
    });
    sigma.on('moveBody', ({ event }) => {
      if (this.#dragged === undefined || !this.graph.hasNode(this.#dragged)) return;
      this.#hasMoved = true;
      this.graph.mergeNodeAttributes(this.#dragged, { ...sigma.viewportToGraph(event), fixed: true });
      event.preventSigmaDefault();
      event.original.preventDefault();
    });
    const drop = () => {
      if (this.#dragged !== undefined && this.#hasMoved) {
        onPin(this.#dragged);
        this.#layout.run(SETTLE_STEPS);
      }
      this.#dragged = undefined;
    };
    sigma.on('upNode', drop);
    sigma.on('upStage', drop);
  }

  /** How near an edge is pressed, in units of the layout. */
  #reach(): number {
    const [a, b] = [this.#sigma.viewportToGraph({ x: 0, y: 0 }), this.#sigma.viewportToGraph({ x: NEAR, y: 0 })];
    return Math.hypot(a.x - b.x, a.y - b.y);
  }

  #hover(id: string): void {
    this.#hovered = id;
    this.#findNear();
    this.#sigma.refresh({ schedule: true, skipIndexation: true });
  }

  #findNear(): void {
    const { selected } = this.#look;
    const focus = this.#hovered !== '' ? this.#hovered : selected;
    const near = new Set<string>();
    if (this.graph.hasNode(focus)) {
      near.add(focus);
      for (const id of this.graph.neighbors(focus)) near.add(id);
    } else if (this.graph.hasEdge(focus)) {
      for (const id of this.graph.extremities(focus)) near.add(id);
    }
    this.#near = near;
  }

  #drawNode(id: string, data: NodeLook) {
    const { palette, entities, selected, pinned, hiddenOf, path } = this.#look;
    const isFocus = id === selected || id === this.#hovered;
    const isDimmed = path.size > 0 ? !path.has(id) : this.#near.size > 0 && !this.#near.has(id);
    const more = hiddenOf.get(id) ?? 0;
    return {
      x: data.x,
      y: data.y,
      size: data.size * this.#scale * (1 + 0.6 * data.pulse),
      color: isDimmed ? palette.faint : (palette.kinds[kindIndex(data.kind)] ?? palette.edge),
      label: `${data.label}${pinned.includes(id) ? ' 📌' : ''}${more > 0 ? ` +${more}` : ''}`,
      hidden: !entities.has(id),
      highlighted: id === selected,
      forceLabel: isFocus || pinned.includes(id) || path.has(id) || (this.#near.has(id) && this.#near.size < 30),
      zIndex: isDimmed ? 0 : isFocus ? 3 : 1,
    };
  }

  #drawEdge(id: string, data: EdgeLook) {
    const { palette, facts, selected, words, path } = this.#look;
    const focus = this.#hovered !== '' ? this.#hovered : selected;
    const touches = id === focus || (this.graph.hasNode(focus) && this.graph.hasExtremity(id, focus));
    const isLit = id === selected || path.has(id);
    const isDimmed = path.size > 0 ? !path.has(id) : this.#near.size > 0 && !touches;
    return {
      size: 1 + 1.6 * data.confidence + 4 * data.pulse + (isLit ? 2 : 0),
      color: data.pulse > 0 || isLit ? palette.accent : isDimmed ? palette.faint : palette.edge,
      label: touches || isLit ? words(data.kind) : '',
      forceLabel: touches || isLit,
      hidden: !facts.has(id),
      type: this.graph.size > MANY_EDGES ? 'line' : 'arrow',
      zIndex: data.pulse > 0 || isLit ? 2 : isDimmed ? 0 : 1,
    };
  }

  #paint(): void {
    const { ink, edge } = this.#look.palette;
    this.#sigma.setSetting('labelColor', { color: ink });
    this.#sigma.setSetting('edgeLabelColor', { color: ink });
    this.#sigma.setSetting('defaultEdgeColor', edge);
  }

  /** Frames the graph: at once, or a part of the way with every frame, so that the view does not jump. */
  #fit(how: 'at once' | 'slowly'): void {
    const box = boxOf(this.graph);
    if (!box || this.#dragged !== undefined) return;
    this.#wanted = box;
    if (how === 'at once' || !this.#box || this.#still.matches) this.#frameTo(box);
    else if (this.#easing === 0) this.#easing = requestAnimationFrame(this.#ease);
  }

  readonly #ease = (): void => {
    this.#easing = 0;
    const { x, y } = this.#wanted ?? {};
    if (!x || !y || !this.#box || this.#dragged !== undefined) return;
    const from = this.#box;
    const width = Math.max(x[1] - x[0], y[1] - y[0]);
    const step = (a: number, b: number) => (Math.abs(b - a) < width * EASED ? b : a + (b - a) * EASE);
    this.#frameTo({
      x: [step(from.x[0], x[0]), step(from.x[1], x[1])],
      y: [step(from.y[0], y[0]), step(from.y[1], y[1])],
    });
    const isThere = from.x.every((value, i) => value === x[i]) && from.y.every((value, i) => value === y[i]);
    if (!isThere) this.#easing = requestAnimationFrame(this.#ease);
  };

  #frameTo(box: Box): void {
    this.#box = box;
    this.#sigma.setCustomBBox(box);
    this.#sigma.refresh({ schedule: true });
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

  #pulse(id: string): void {
    this.#pulses.set(id, performance.now());
    if (this.#frame === 0) this.#frame = requestAnimationFrame(this.#beat);
  }

  readonly #beat = (at: number): void => {
    for (const [id, since] of this.#pulses) {
      const left = Math.max(0, 1 - (at - since) / PULSE_MS);
      if (left === 0 || !this.graph.hasEdge(id)) this.#pulses.delete(id);
      if (!this.graph.hasEdge(id)) continue;
      // Who wants no motion sees the colour come and go, not the swelling.
      const pulse = this.#still.matches || this.graph.order > MANY_NODES ? Math.sign(left) * 0.3 : left;
      if (this.graph.getEdgeAttribute(id, 'pulse') !== pulse) this.graph.setEdgeAttribute(id, 'pulse', pulse);
    }
    this.#frame = this.#pulses.size > 0 ? requestAnimationFrame(this.#beat) : 0;
  };
}

/** The least box that holds all nodes; undefined without any. */
function boxOf(graph: DrawnGraph): Box | undefined {
  if (graph.order === 0) return undefined;
  const x: [number, number] = [Infinity, -Infinity];
  const y: [number, number] = [Infinity, -Infinity];
  graph.forEachNode((_, node) => {
    x[0] = Math.min(x[0], node.x);
    x[1] = Math.max(x[1], node.x);
    y[0] = Math.min(y[0], node.y);
    y[1] = Math.max(y[1], node.y);
  });
  return { x, y };
}
