import { defineConfig } from 'vitest/config'
import { doors } from './test/doors.js'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    dangerouslyIgnoreUnhandledErrors: false,
    // A test file in which a name is written that nothing declares fails.
    setupFiles: ['test/ground/physical-setup.ts'],
  },
  resolve: {
    alias: Object.entries(doors).map(([name, path]) => ({ find: new RegExp(`^${name}$`), replacement: new URL(path, import.meta.url).pathname })),
  },
})
