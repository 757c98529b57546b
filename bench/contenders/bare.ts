// Bare onnxruntime sessions on perfect batches: the practical limit for any pipeline on the same threads.
import { Worker } from 'node:worker_threads';
import type { BareSlice, Work } from '../harness/slices.ts';
import type { BareWorkerData, BareWorkerReply } from './bare-worker.ts';
import { serve } from './serve.ts';

/** Which bundle's graphs are run. */
export interface BareOptions {
  readonly bundle: string;
  readonly workers: number;
  /** Pieces of a batch, padding included. */
  readonly tokenBudget: number;
}

const threads: Worker[] = [];

function startThread(data: BareWorkerData): Promise<Worker> {
  const module = new URL('./bare-worker.ts', import.meta.url).href;
  const load = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(module)})))`;
  const worker = new Worker(load, { eval: true, workerData: data });
  return new Promise((resolve, reject) => {
    worker.once('message', () => resolve(worker));
    worker.once('error', reject);
  });
}

function runThread(worker: Worker, seconds: number): Promise<BareWorkerReply> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.postMessage(seconds);
  });
}

function sum(work: readonly Work[]): Work {
  return {
    units: work.reduce((total, { units }) => total + units, 0),
    seconds: work.reduce((total, { seconds }) => total + seconds, 0),
  };
}

serve({
  async start({ bundle, workers, tokenBudget }: BareOptions): Promise<void> {
    for (let thread = 0; thread < workers; thread++) {
      threads.push(await startThread({ bundle, tokenBudget, startAt: thread / workers }));
    }
  },

  /** Loops over the work on some of the threads. */
  async slice({ seconds, workers }: { seconds: number; workers: number }): Promise<BareSlice> {
    const replies = await Promise.all(threads.slice(0, workers).map((thread) => runThread(thread, seconds)));
    const of = (kind: keyof BareWorkerReply) => sum(replies.map((reply) => reply[kind]));
    return { decode: of('decode'), visual: of('visual'), ner: of('ner'), re: of('re'), threads: workers };
  },
});
