#!/usr/bin/env node
// `npm run bench`: holdfast, its peers and the physical limits, in real Chromium; writes bench/RESULTS.md.
//   --only get        only rows with that in their name, told on the screen; `--only packed`: what was tried and not built
//   --repetitions 9   7 unless told otherwise
//   --smoke           each row once, small, for whether it works
import { runTypeScript } from './typescript.mjs'

await runTypeScript('main.ts')
