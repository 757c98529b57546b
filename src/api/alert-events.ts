import type { AlertLog, LoggedAlert } from '../graph/alert-log.ts';
import type { EventLog } from './event-feed.ts';

/** The log of alerts as one that can be followed: the place of an alert is its position. */
export function alertEvents(log: Pick<AlertLog, 'alertsAfter' | 'lastAlertPlace'>): EventLog<AlertEvent> {
  return {
    async eventsAfter(position, limit) {
      return (await log.alertsAfter(position, limit)).map((alert) => ({ ...alert, position: alert.place }));
    },
    lastPosition: () => log.lastAlertPlace(),
  };
}

/** An alert as subscribers follow it. */
export interface AlertEvent extends LoggedAlert {
  readonly position: number;
}
