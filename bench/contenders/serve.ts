/** A question from the benchmark to one of its processes. */
export interface Command {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

/** The answer. */
export type Answer = { readonly id: number; readonly value: unknown } | { readonly id: number; readonly error: string };

/** Answers the parent's commands, one after the other; the process ends with its parent. */
export function serve(commands: Readonly<Record<string, (argument: never) => Promise<unknown>>>): void {
  process.on('message', (command: Command) => void answer(command));
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  const answer = async ({ id, name, argument }: Command): Promise<void> => {
    try {
      const run = commands[name];
      if (!run) throw new Error(`there is no command ${name}`);
      process.send?.({ id, value: await run(argument as never) } satisfies Answer);
    } catch (error) {
      process.send?.({
        id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      } satisfies Answer);
    }
  };
}
