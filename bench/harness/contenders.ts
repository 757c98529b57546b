import type { Bundles } from './bundles.ts';
import type { Child } from './child.ts';
import { startNode, startPython } from './child.ts';
import { processTime } from './machine.ts';

/** Weights of which precision. */
export type Precision = 'fp32' | 'int8';

/** Who takes part in a run, under a name of its own. */
export type Spec =
  | {
      readonly kind: 'ours';
      readonly precision: Precision;
      readonly workers: number;
      readonly crops: number;
      readonly duplicates: number;
    }
  | { readonly kind: 'bare'; readonly precision: Precision; readonly workers: number }
  | { readonly kind: 'authors' };

/** Something that runs in slices of time, between which it takes no processor time. */
export interface Contender {
  readonly name: string;
  slice(seconds: number): Promise<unknown>;
}

/** Everybody that is measured in one interleaved run. */
export interface Lineup {
  readonly contenders: readonly Contender[];
  /** Processor seconds of all processes that are the benchmark's own, beside the one that asks. */
  cpuSeconds(): number;
}

/** What contenders are started with. */
export interface Setting {
  readonly bundles: Bundles;
  /** Threads that compute: worker threads of ours, threads of everything else. */
  readonly threads: number;
  readonly inFlight: number;
  readonly tokenBudget: number | undefined;
  /** Budget of the bare sessions' batches. */
  readonly bareBudget: number;
}

/** The name of a contender. */
export function nameOf(spec: Spec): string {
  if (spec.kind === 'authors') return 'authors';
  if (spec.kind === 'bare') return `bare ${spec.precision} x${spec.workers}`;
  const pictures = spec.crops > 0 ? `, ${spec.crops} crops` : '';
  const repeated = spec.duplicates > 0 ? `, ${Math.round(spec.duplicates * 100)} % repeated` : '';
  return `ours ${spec.precision} x${spec.workers}${pictures}${repeated}`;
}

/** Starts processes for all of them and tells about each; bare sessions of one precision share a process. */
export class Field implements Lineup, AsyncDisposable {
  readonly contenders: Contender[] = [];
  readonly #children: Child[] = [];
  readonly #bare = new Map<Precision, Promise<Child>>();
  readonly #setting: Setting;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  cpuSeconds(): number {
    return this.#children.reduce((sum, child) => sum + processTime(child.pid), 0);
  }

  async add(spec: Spec): Promise<void> {
    this.contenders.push(await this.#start(spec));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map((child) => child[Symbol.asyncDispose]()));
  }

  async #start(spec: Spec): Promise<Contender> {
    if (spec.kind === 'ours') return this.#ours(spec);
    const child = await (spec.kind === 'bare' ? this.#bareOf(spec.precision) : this.#authors());
    const workers = spec.kind === 'bare' ? spec.workers : undefined;
    return { name: nameOf(spec), slice: (seconds) => child.ask('slice', { seconds, workers }) };
  }

  async #ours(spec: Spec & { kind: 'ours' }): Promise<Contender> {
    const { bundles, inFlight, tokenBudget } = this.#setting;
    const { workers, crops, duplicates } = spec;
    const child = this.#keep(startNode('ours.ts'));
    const bundle = bundles[spec.precision];
    await child.ask('start', { bundle, workers, crops, duplicates, inFlight, ...(tokenBudget && { tokenBudget }) });
    child.freeze();
    return {
      name: nameOf(spec),
      async slice(seconds) {
        child.thaw();
        try {
          return await child.ask('slice', { seconds });
        } finally {
          child.freeze();
        }
      },
    };
  }

  #bareOf(precision: Precision): Promise<Child> {
    const { bundles, threads, bareBudget } = this.#setting;
    let starting = this.#bare.get(precision);
    if (!starting) {
      const child = this.#keep(startNode('bare.ts'));
      const options = { bundle: bundles[precision], workers: threads, tokenBudget: bareBudget };
      starting = child.ask('start', options).then(() => child);
      this.#bare.set(precision, starting);
    }
    return starting;
  }

  async #authors(): Promise<Child> {
    const { bundles, threads } = this.#setting;
    const options = ['--folder', bundles.folder, '--threads', String(threads)];
    const child = this.#keep(
      bundles.python ? startPython(bundles.python, 'bench.contenders.authors', options) : startNode('emulated.ts'),
    );
    await child.ask('start', { bundle: bundles.fp32, threads });
    return child;
  }

  #keep(child: Child): Child {
    this.#children.push(child);
    return child;
  }
}
