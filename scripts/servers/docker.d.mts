/** Whether a Docker engine answers. */
export function dockerAvailable(): boolean;

/** Starts both servers on free ports of 127.0.0.1 and waits until they answer; `env` names them as the settings do. */
export function startInDocker(): Promise<{ readonly env: Readonly<Record<string, string>>; stop(): Promise<void> }>;
