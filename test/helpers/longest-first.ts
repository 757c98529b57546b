import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, the longest first. One that begins when all others are done keeps half of the machine idle. */
const LONGEST: readonly string[] = [
  'test/e2e/faults.test.ts',
  'test/contract/graph-history.test.ts',
  'test/contract/group-consumer-outage.test.ts',
  'test/contract/graph-neo4j.test.ts',
  'test/e2e/page.test.ts',
  'test/e2e/webgpu.test.ts',
  'test/e2e/two-writers.test.ts',
  'test/contract/sqlite-migrations.test.ts',
  'test/e2e/survive-kills.test.ts',
  'test/e2e/readme.test.ts',
];

/** Runs the longest files first, and the others in vitest's own order. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rankOf = ({ moduleId }: TestSpecification) => {
      const rank = LONGEST.findIndex((path) => moduleId.endsWith(path));
      return rank < 0 ? LONGEST.length : rank;
    };
    return sorted.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
