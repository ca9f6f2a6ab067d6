import { defineConfig } from 'vitest/config';

/** What installs software on hosts of its own: it mostly waits for packages and daemons, so other work can go on beside it. */
const HOSTS = [
  'test/local/**/*.integration.test.ts',
  'test/taskservs/**/*.integration.test.ts',
  'test/reconciler/services/**/*.integration.test.ts',
];

/** Real processes, one file at a time: many of them use the whole machine. */
const alone = { testTimeout: 600_000, hookTimeout: 600_000, fileParallelism: false } as const;

export default defineConfig({
  test: {
    // Both processors: there are seldom more where this runs.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts', 'test/**/*.engine.test.ts'],
          testTimeout: 60_000,
          // Tests share no state, so the files of one worker may share what they import.
          isolate: false,
          provide: { size: 'small' },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.integration.test.ts', 'test/**/*.scaled.test.ts'],
          exclude: HOSTS,
          ...alone,
          provide: { size: 'full' },
        },
      },
      // The provider contract on a real container engine, by hand: it takes minutes.
      { test: { name: 'engine', include: ['test/**/*.engine.test.ts'], ...alone, provide: { size: 'full' } } },
      { test: { name: 'hosts', include: HOSTS, ...alone, provide: { size: 'full' } } },
    ],
  },
});
