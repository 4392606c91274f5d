import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { doors } from './test/doors.js'
import { LongestFirst } from './test/longest-first.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest leaves one processor to itself, which of two is half.
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
    dangerouslyIgnoreUnhandledErrors: false,
    // A test file in which a name is written that nothing declares fails.
    setupFiles: ['test/ground/physical-setup.ts'],
  },
  resolve: {
    alias: Object.entries(doors).map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: new URL(path, import.meta.url).pathname })),
  },
})
