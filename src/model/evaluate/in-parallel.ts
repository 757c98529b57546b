/** Items at work at once: enough for full batches. */
const AT_ONCE = 128;

/** Runs a job for each item, many at once; the first failure ends it. */
export async function inParallel<T>(
  items: readonly T[],
  job: (item: T) => Promise<void>,
  onProgress?: (finished: number) => void,
): Promise<void> {
  const left = each(items);
  let finished = 0;
  const lane = async () => {
    for (const item of left) {
      await job(item);
      onProgress?.(++finished);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}

/** A lane that fails closes it, so that the others begin nothing more. */
function* each<T>(items: readonly T[]): Generator<T> {
  yield* items;
}
