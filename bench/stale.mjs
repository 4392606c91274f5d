#!/usr/bin/env node
import { runTypeScript } from './typescript.mjs'

await runTypeScript('exploration/stale.ts')
