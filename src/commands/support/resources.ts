import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a run took of the machine. */
export interface Resources {
  /** Largest resident set size of the process, bytes. */
  readonly peakRssBytes: number;
  /** Resident set size after one, two and three quarters of the run and at its end, bytes: flat when nothing leaks. */
  readonly rssBytes: readonly number[];
  /** 99th percentile of the main thread's delay, milliseconds. */
  readonly eventLoopDelayP99Ms: number;
}

const SAMPLE_MS = 250;

/** Watches memory and the main thread's delay until `stop`. */
export function watchResources(): { stop(): Resources } {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(process.memoryUsage.rss()), SAMPLE_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      delay.disable();
      samples.push(process.memoryUsage.rss());
      const at = (share: number) => samples[Math.floor((samples.length - 1) * share)] as number;
      return {
        peakRssBytes: process.resourceUsage().maxRSS * 1024,
        rssBytes: [at(0.25), at(0.5), at(0.75), at(1)],
        eventLoopDelayP99Ms: Math.round(delay.percentile(99) / 1e4) / 100,
      };
    },
  };
}
