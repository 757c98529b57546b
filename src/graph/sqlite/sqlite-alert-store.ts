import type { WorkerClient } from '../../threads/worker-client.ts';
import type { AlertFilter, AlertLog, DeliveryFilter, LoggedAlert, LoggedDelivery, PruneAlerts } from '../alert-log.ts';
import type { AlertRuleStore, RuleBookChange, StoredRuleBook } from '../alert-rules.ts';
import type {
  AlertDecision,
  AlertHead,
  AlertState,
  AlertStore,
  AttemptNote,
  DueDelivery,
  TakeDeliveries,
} from '../alert-store.ts';

/** Alerts beside a SQLite graph; the work is done in the graph's threads, what people look at in the reading one. */
export class SqliteAlertStore implements AlertStore, AlertLog, AlertRuleStore {
  readonly #worker: WorkerClient;
  readonly #reader: WorkerClient;

  constructor(writer: WorkerClient, reader: WorkerClient) {
    this.#worker = writer;
    this.#reader = reader;
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

  watch(keys: readonly string[], nowMs: number): Promise<void> {
    return this.#worker.call('watch', { keys, nowMs });
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
    return this.#reader.call('alertDeliveries', [filter]);
  }

  replayDelivery(id: string, nowMs: number): Promise<boolean> {
    return this.#worker.call('replayDelivery', { id, nowMs });
  }

  pruneAlerts(request: PruneAlerts): Promise<number> {
    return this.#worker.call('pruneAlerts', request);
  }

  alertsAfter(place: number, limit: number): Promise<readonly LoggedAlert[]> {
    return this.#reader.call('alertsAfter', [place, limit]);
  }

  lastAlertPlace(): Promise<number> {
    return this.#reader.call('lastAlertPlace', []);
  }

  alerts(filter: AlertFilter): Promise<readonly LoggedAlert[]> {
    return this.#reader.call('alerts', [filter]);
  }

  ruleBook(): Promise<StoredRuleBook> {
    return this.#reader.call('ruleBook', []);
  }

  changeRules(change: RuleBookChange): Promise<boolean> {
    return this.#worker.call('changeRules', change);
  }
}
