import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/browser/**/*.test.ts'],
    // One browser at a time: three engines at once starve each other, and then deadlines fail instead of code.
    fileParallelism: false,
    pool: 'forks',
    reporters: ['./test/browser/progress.ts', ['default', { summary: false }]],
    testTimeout: 60_000,
    // Room for three starts of a browser on a busy machine.
    hookTimeout: 150_000,
    teardownTimeout: 20_000,
  },
})
