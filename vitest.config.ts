import { defineConfig } from 'vitest/config';
import LongestFirst from './test/helpers/longest-first.ts';

export default defineConfig({
  // Else graphql is loaded twice, as a module for our code and as CommonJS inside yoga, and each rejects the other's schema.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/servers.ts'],
    // Ends what hangs. Machines are shared: what takes five seconds may take a minute.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // What is waited for comes when it comes; a second, the default, is too short beside other work.
    expect: { poll: { timeout: 30_000 } },
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
