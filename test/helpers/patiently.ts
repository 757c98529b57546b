import { setTimeout as sleep } from 'node:timers/promises';

/** A young broker answers now and then that its coordinator is elsewhere or still loading: the admin client does not ask again. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 100 || !(error as { retriable?: boolean }).retriable) throw error;
      await sleep(100);
    }
  }
}
