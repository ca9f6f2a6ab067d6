import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Both processors: there are seldom more where this runs.
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.integration.test.ts'],
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
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
          provide: { size: 'full' },
        },
      },
    ],
  },
});
