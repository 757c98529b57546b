/** A DateTime of the schema: epoch milliseconds as ISO 8601 text in UTC. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
