/** Items at work at once: enough for full batches. */
const AT_ONCE = 128;

/** Runs a job for each item, many at once; the first failure ends it. */
export async function inParallel<T>(
  items: readonly T[],
  job: (item: T) => Promise<void>,
  onProgress?: (finished: number) => void,
): Promise<void> {
  let next = 0;
  let finished = 0;
  let failed = false;
  const lane = async () => {
    while (next < items.length && !failed) {
      await job(items[next++] as T).catch((error: unknown) => {
        failed = true;
        throw error;
      });
      onProgress?.(++finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
