import { defineConfig } from 'vitest/config'

const NEVER = ['**/node_modules/**', '**/dist/**', 'packages/cli/templates/**']

export default defineConfig({
  test: {
    // Stopping the first broker ever also writes the archive that makes later ones start faster.
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'fast',
          include: [
            'packages/*/{src,test}/**/*.test.ts',
            '{examples,bench,chaos,sim,e2e}/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['**/*.real.test.ts', ...NEVER],
          setupFiles: ['./test/setup/fuzz-seed.ts'],
          // Limits for a machine with other work to do: a test that passes is done long before.
          testTimeout: 20_000,
          expect: { poll: { timeout: 10_000 } },
          typecheck: {
            enabled: true,
            checker: 'tsc',
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            exclude: NEVER,
            tsconfig: './tsconfig.json',
            // Errors in the sources themselves are what `npm run check` reports, once and in full.
            ignoreSourceErrors: true,
          },
        },
      },
      {
        test: {
          name: 'real',
          include: ['{packages,examples,test,scripts,chaos}/**/*.real.test.ts'],
          exclude: NEVER,
          globalSetup: ['./test/setup/kafka-broker.ts', './test/setup/localstack.ts'],
          // A broker, its clients and the servers under test share the cores with the test files.
          maxWorkers: 2,
          testTimeout: 60_000,
          expect: { poll: { timeout: 30_000 } },
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'kind',
          include: ['test/**/*.kind.test.ts'],
          exclude: NEVER,
          // One cluster for all.
          fileParallelism: false,
        },
      },
    ],
  },
})
