/** How a command was told to end. */
export interface Shutdown {
  /** Aborts at the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Exit code the signal asks for: 130 after SIGINT, 0 after SIGTERM, undefined when none came. */
  exitCode(): number | undefined;
}

/**
 * Listens for SIGINT and SIGTERM: the first asks for a clean end, after which `graceMs` are left before the process is
 * ended hard; a second signal ends it at once.
 */
export function listenForShutdown(graceMs: number): Shutdown {
  const controller = new AbortController();
  let code: number | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.kill(process.pid, 'SIGKILL');
    code = name === 'SIGINT' ? 130 : 0;
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), graceMs).unref();
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return { signal: controller.signal, exitCode: () => code };
}
