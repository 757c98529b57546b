import { computed, effect, signal } from '@preact/signals';
import {
  type Alert,
  type AlertSettings,
  createRule,
  deleteRule,
  enableChannel,
  endSilence,
  followAlerts,
  type Rule,
  type RuleInput,
  readAlertSettings,
  readAlerts,
  silence,
} from '../data/alerts.ts';
import { connection } from './live.ts';
import { attempt, say } from './notice.ts';

/** Alerts held on the page. */
const MAX_ALERTS = 100;

const RETRY_MS = 15_000;

const KEY = 'grapevine alerts read until';

/** What rules told, newest first. */
export const alerts = signal<readonly Alert[]>([]);

/** True while the alerts are looked at. */
export const isFeedOpen = signal(false);

/** Rules, channels and silences, once they were asked for. */
export const settings = signal<AlertSettings | undefined>(undefined);

/** The time up to which alerts were seen. */
const readUntil = signal(localStorage.getItem(KEY) ?? '');

/** Alerts that nobody looked at here. */
export const unread = computed(() => alerts.value.filter(({ at }) => at > readUntil.value).length);

/** Reads the alerts and follows them as long as the page is open. */
export async function watchAlerts(): Promise<never> {
  effect(() => {
    const [newest] = alerts.value;
    if (!isFeedOpen.value || !newest || newest.at <= readUntil.peek()) return;
    readUntil.value = newest.at;
    localStorage.setItem(KEY, newest.at);
  });
  for (;;) {
    await untilLive();
    const leave = new AbortController();
    try {
      const { alerts: newest, cursor } = await readAlerts(leave.signal);
      take(newest);
      for await (const alert of followAlerts(cursor, leave.signal)) {
        if (!alert) break;
        take([alert]);
      }
    } catch {
      // Whether the server answers is told by those who follow the graph. One that is too old knows no alerts.
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } finally {
      leave.abort();
    }
  }
}

function take(news: readonly Alert[]): void {
  const known = new Map(alerts.value.map((alert) => [alert.id, alert]));
  for (const alert of news) known.set(alert.id, alert);
  alerts.value = [...known.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, MAX_ALERTS);
}

function untilLive(): Promise<void> {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (connection.value.kind !== 'live') return;
      queueMicrotask(() => stop());
      resolve();
    });
  });
}

/** Asks how alerts are set up. */
export function readSettings(): void {
  attempt('Reading the alert rules', async () => {
    settings.value = await readAlertSettings();
  });
}

/** Makes a rule; that can be taken back. */
export async function watch(input: RuleInput): Promise<void> {
  const id = await createRule(input);
  readSettings();
  say(`“${input.name}” watches from now on.`, () => dropRule({ id, name: input.name }));
}

/** Deletes a rule. */
export function dropRule({ id, name }: Pick<Rule, 'id' | 'name'>): void {
  attempt('Deleting the rule', async () => {
    await deleteRule(id);
    readSettings();
    say(`“${name}” watches no more.`);
  });
}

/** Keeps alerts from being sent for some hours: those of a rule, or those about some entities. */
export function hush(what: { readonly rule?: string; readonly entities?: readonly string[] }, hours: number): void {
  attempt('Silencing', async () => {
    const id = await silence({ ...what, endsAt: new Date(Date.now() + hours * 3_600_000).toISOString() });
    readSettings();
    say('Silenced: what fires is listed here and sent nowhere.', () => unhush(id));
  });
}

/** Ends a silence. */
export function unhush(id: string): void {
  attempt('Ending the silence', async () => {
    await endSilence(id);
    readSettings();
    say('The silence is over.');
  });
}

/** Has a channel that was disabled sent to again. */
export function enable(channel: string): void {
  attempt('Enabling the channel', async () => {
    await enableChannel(channel);
    readSettings();
    say(`“${channel}” is sent to again.`);
  });
}
