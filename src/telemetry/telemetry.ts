import { Registry } from 'prom-client';
import { createEvents, type Events } from './events.ts';
import type { Logger } from './logger.ts';

/** What every part receives to tell what it does. */
export interface Telemetry {
  readonly logger: Logger;
  readonly events: Events;
  /** Metrics of this process, Prometheus format. */
  readonly registry: Registry;
}

/** Telemetry around a log: a fresh metrics registry and the functions that write to both. */
export function createTelemetry(logger: Logger): Telemetry {
  const registry = new Registry();
  return { logger, registry, events: createEvents(logger, registry) };
}
