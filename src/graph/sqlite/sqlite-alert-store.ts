import type { WorkerClient } from '../../threads/worker-client.ts';
import type { AlertLog, DeliveryFilter, LoggedDelivery, PruneAlerts } from '../alert-log.ts';
import type {
  AlertDecision,
  AlertHead,
  AlertState,
  AlertStore,
  AttemptNote,
  DueDelivery,
  TakeDeliveries,
} from '../alert-store.ts';

/** Alerts beside a SQLite graph; the work is done in the graph's writing thread. */
export class SqliteAlertStore implements AlertStore, AlertLog {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  head(): Promise<AlertHead> {
    return this.#worker.call('alertHead');
  }

  async states(keys: readonly string[]): Promise<readonly AlertState[]> {
    return keys.length === 0 ? [] : this.#worker.call('alertStates', keys);
  }

  async statesOfFacts(factIds: readonly string[]): Promise<readonly AlertState[]> {
    return factIds.length === 0 ? [] : this.#worker.call('alertStatesOfFacts', factIds);
  }

  dueStates(nowMs: number, limit: number): Promise<readonly AlertState[]> {
    return this.#worker.call('dueAlertStates', { nowMs, limit });
  }

  decide(decision: AlertDecision): Promise<boolean> {
    return this.#worker.call('decideAlerts', decision);
  }

  takeDeliveries(request: TakeDeliveries): Promise<readonly DueDelivery[]> {
    return this.#worker.call('takeDeliveries', request);
  }

  noteAttempt(note: AttemptNote): Promise<void> {
    return this.#worker.call('noteAttempt', note);
  }

  deliveries(filter: DeliveryFilter): Promise<readonly LoggedDelivery[]> {
    return this.#worker.call('alertDeliveries', filter);
  }

  replayDelivery(id: string, nowMs: number): Promise<boolean> {
    return this.#worker.call('replayDelivery', { id, nowMs });
  }

  pruneAlerts(request: PruneAlerts): Promise<number> {
    return this.#worker.call('pruneAlerts', request);
  }
}
