import { randomUUID } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Unit: pure, seconds. Integration: one adapter against its real server. End to end: the whole product on a fleet.
// Security: what an attacker tries, each refused. Faults: the product on a fleet, with its parts killed in the middle. Operate: what happens over the years: packages installed and upgraded, monitoring, a Redis that has forgotten. Watching: many viewers of one API process. Browser: its web page, in a real browser on such a fleet.
// Vitest leaves one processor to itself, which on two leaves the other idle: most of these tests wait for servers.
const maxWorkers = availableParallelism()

export default defineConfig({
  test: {
    exclude: ['**/node_modules/**', '**/dist/**'],
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers,
          include: [
            'packages/*/src/**/*.test.ts',
            'apps/*/src/**/*.test.ts',
            'infra/**/*.test.ts',
            'test/words/**/*.test.ts',
          ],
          exclude: ['**/*.{integration,security}.test.ts', '**/node_modules/**', '**/dist/**'],
          // Some start the command line, which takes seconds on a busy machine.
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          maxWorkers,
          include: ['{packages,apps,infra}/**/*.integration.test.ts'],
          // It imports JSON as bundlers do.
          server: { deps: { inline: [/@actions/] } },
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'security',
          maxWorkers,
          include: ['{packages,apps}/**/*.security.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          maxWorkers,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'operate',
          include: ['test/operate/**/*.test.ts'],
          provide: { run: randomUUID() },
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'watching',
          include: ['test/watching/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          globalSetup: ['test/browser/support/build-pages.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
