import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Else graphql is loaded twice, as a module for our code and as CommonJS inside yoga, and each rejects the other's schema.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/helpers/servers.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
