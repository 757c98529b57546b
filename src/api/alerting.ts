import type { RuleBook } from '../alerts/rule-book.ts';
import type { TestDelivery } from '../alerts/send-test.ts';
import type { AlertLog } from '../graph/alert-log.ts';

/** What requests about alerts work with. */
export interface Alerting {
  readonly book: RuleBook;
  readonly log: AlertLog;
  /** News about facts that were last said longer ago wakes nobody, milliseconds. */
  readonly maxAgeMs: number;
  /** Delivers one test message, once; undefined where there is no such channel. */
  sendTest(channel: string): Promise<TestDelivery | undefined>;
}
