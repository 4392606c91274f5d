#!/usr/bin/env node
import process from 'node:process'
import { run } from './command-line.js'

const code = await run(process.argv.slice(2), {
  cwd: process.cwd(),
  out: (text) => void process.stdout.write(text),
  complain: (text) => void process.stderr.write(text),
})
// Not `process.exit`: what was written may still be on its way into a pipe.
process.exitCode = code
