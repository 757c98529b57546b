import { inTurn, type Migration } from './migration.ts';

/** What has been decided and delivered of alerts. */
export const alertDeliveries: Migration = {
  does: 'makes the constraint and index of alert deliveries',
  apply: (client) =>
    inTurn(client, [
      'CREATE CONSTRAINT alert_delivery_id IF NOT EXISTS FOR (n:AlertDelivery) REQUIRE n.id IS UNIQUE',
      'CREATE INDEX pending_delivery_due IF NOT EXISTS FOR (n:PendingDelivery) ON (n.dueMs)',
    ]),
};
