import type { Command } from 'commander';
import { addChannels } from './alerts/channels.ts';
import { addDeliveries } from './alerts/deliveries.ts';
import { addTest } from './alerts/test-rule.ts';

/** Adds `grapevine alerts …`. */
export function addAlerts(program: Command): void {
  const alerts = program.command('alerts').description('try alert rules and channels; look at deliveries');
  for (const add of [addTest, addChannels, addDeliveries]) add(alerts);
}
