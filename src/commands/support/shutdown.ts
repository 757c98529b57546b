import { tell } from './output.ts';

/** How a command is told to end. */
export interface Shutdown {
  /** Aborts at the first SIGINT or SIGTERM: nothing new is begun, what is in flight is finished. */
  readonly signal: AbortSignal;
  /** Aborts when the time for finishing is over: what is still in flight is left. */
  readonly abandon: AbortSignal;
  /** Calls `stop` at the first signal, or now if it has come. */
  onStop(stop: () => void): void;
  /** Exit code the signal asks for: 130 after SIGINT, 0 after SIGTERM, undefined when none came. */
  exitCode(): number | undefined;
}

/** Longest time from the first signal to the end, whatever hangs, milliseconds. */
const GRACE_MS = 20_000;

/**
 * Listens for SIGINT and SIGTERM. The first asks for a clean end; work in flight gets `drainMs`. A second signal, or the
 * end of the grace, ends the process at once.
 */
export function listenForShutdown(drainMs: number): Shutdown {
  const stopping = new AbortController();
  const abandoning = new AbortController();
  let code: number | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.kill(process.pid, 'SIGKILL');
    code = name === 'SIGINT' ? 130 : 0;
    if (name === 'SIGINT') tell('finishing what is in flight; Ctrl-C again ends at once');
    setTimeout(() => abandoning.abort(), drainMs).unref();
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
    stopping.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: stopping.signal,
    abandon: abandoning.signal,
    onStop: (stop) => onAbort(stopping.signal, stop),
    exitCode: () => code,
  };
}

/** Calls `act` when the signal aborts, or now if it has. */
export function onAbort(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
