import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('../../scripts/planted-faults.mjs', import.meta.url))

// In a process of its own, because a planted fault may leave rejections behind that would count against other tests.
test('each planted fault is caught by a law', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8', timeout: 600_000 })
  expect(stdout.split('\n').filter((line) => /^(MISSED|STALE)/.test(line)), stdout + stderr).toEqual([])
  expect(status, stdout + stderr).toBe(0)
}, 600_000)
