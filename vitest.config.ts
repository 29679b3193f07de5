import { env } from 'node:process';
import { defineConfig } from 'vitest/config';
import { FailuresAtOnce } from './test/run-all/failures-at-once.ts';

/** Where `npm test` wants the report of one project. */
const report = env['CKE_TEST_REPORT'];

/** Tests beside the code they test are unit tests; everything that needs servers lives under test/. */
export default defineConfig({
  test: {
    pool: 'forks',
    reporters: report === undefined ? ['default'] : ['default', new FailuresAtOnce(), ['json', { outputFile: report }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            '{cluster,workflows,activities,worker,client,lab}/**/*.test.ts',
            'test/{unit,workload}/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      { test: { name: 'simulation', include: ['test/simulation/**/*.test.ts'], testTimeout: 300_000 } },
      {
        test: {
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          globalSetup: ['test/workflow/setup.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          retry: 1,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 600_000,
          retry: 1,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Hours: `npm run test:crash`, no part of `npm test`.
          name: 'crash',
          include: ['test/crash/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 3_600_000,
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // `npm run test:soak`, twenty minutes or as many as `CKE_SOAK_MINUTES` says; no part of `npm test`.
          name: 'soak',
          include: ['test/soak/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 7_200_000,
          hookTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Stories that take long or want a quiet machine: `npm run test:long`, no part of `npm test`.
          name: 'long',
          include: ['test/long/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 900_000,
          hookTimeout: 1_800_000,
          retry: 1,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: ['test/e2e/global-setup.ts'],
          testTimeout: 600_000,
          hookTimeout: 1_200_000,
          retry: 1,
          fileParallelism: false,
          // The checks of conformance.test.ts wait for pods most of the time.
          maxConcurrency: 12,
        },
      },
    ],
  },
});
