import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/longest-first.js'

/** Files that keep both processors busy, or that hold a deadline against the clock: each of them runs alone. */
const alone = ['tabs', 'hub', 'hub-hostile', 'hub-refused', 'database'].map((name) => `test/browser/${name}.test.ts`)

export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    reporters: ['./test/browser/progress.ts', ['default', { summary: false }]],
    testTimeout: 60_000,
    // Room for three starts of a browser on a busy machine.
    hookTimeout: 150_000,
    teardownTimeout: 20_000,
    // Two browsers at a time, each file in a process of its own, with a screen of its own. Three starve each other, and
    // then deadlines fail instead of code.
    projects: [
      { extends: true, test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'two at a time', include: ['test/browser/**/*.test.ts'], exclude: alone, maxWorkers: 2, sequence: { groupOrder: 1 } } },
    ],
  },
})
