import type { WorkerClient } from '../../threads/worker-client.ts';
import type { AlertDecision, AlertStore, AttemptNote, DueDelivery, TakeDeliveries } from '../alert-store.ts';

/** Alerts beside a SQLite graph; the work is done in the graph's writing thread. */
export class SqliteAlertStore implements AlertStore {
  readonly #worker: WorkerClient;

  constructor(worker: WorkerClient) {
    this.#worker = worker;
  }

  position(): Promise<number | undefined> {
    return this.#worker.call('alertPosition');
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
}
