import { defineConfig } from 'tsup'

const shared = { target: 'es2021', sourcemap: true } as const

export default defineConfig([
  {
    ...shared,
    // Not minified: an application's bundler does that, and makes less of code that was minified before.
    // A door each, and a chunk for IndexedDB: a bundler drops the chunk where it is not imported.
    // What IndexedDB shares with the other tiers must not be in that chunk, so one of those is an entry, too.
    entry: {
      index: 'src/index.ts',
      testing: 'src/testing/index.ts',
      consent: 'src/consent/index.ts',
      crypto: 'src/crypto/index.ts',
      disclosure: 'src/disclosure/index.ts',
      hub: 'src/hub/index.ts',
      'hub/host': 'src/hub/host/index.ts',
      presets: 'src/presets/index.ts',
      server: 'src/server/index.ts',
      'indexed-db': 'src/tiers/indexed-db.ts',
      'local-storage': 'src/tiers/local-storage.ts',
    },
    format: ['esm', 'cjs'],
    splitting: true,
    dts: {
      entry: {
        index: 'src/index.ts',
        testing: 'src/testing/index.ts',
        consent: 'src/consent/index.ts',
        crypto: 'src/crypto/index.ts',
        disclosure: 'src/disclosure/index.ts',
        hub: 'src/hub/index.ts',
        'hub/host': 'src/hub/host/index.ts',
        presets: 'src/presets/index.ts',
        server: 'src/server/index.ts',
      },
    },
    clean: true,
  },
  {
    ...shared,
    entry: { holdfast: 'src/global.ts' },
    format: ['iife'],
    banner: { js: 'var holdfast = {};' },
    minify: 'terser',
    // Not as a module: Terser may drop a name that nobody uses there, and `holdfast` is all that there is to see.
    terserOptions: { ecma: 2020, module: false, mangle: { reserved: ['holdfast'] }, compress: { passes: 3, unsafe_arrows: true, inline: 2 }, format: { comments: false } },
    // `inline: 2`: above that it may dissolve the one function around all, and each name becomes the page's.
    // Terser makes less of what esbuild has simplified before.
    esbuildOptions: (options) => void (options.minifySyntax = true),
    outExtension: () => ({ js: '.global.js' }),
  },
  {
    ...shared,
    // The program: for Node alone, and all of its own in one file.
    entry: { command: 'src/disclosure/command.ts' },
    format: ['esm'],
    platform: 'node',
    target: 'node20',
    external: ['puppeteer-core'],
  },
])
