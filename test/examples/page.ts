import * as fake from 'fake-indexeddb'
import { JSDOM, VirtualConsole } from 'jsdom'
import { webcrypto } from 'node:crypto'
import type { Sight } from '../../src/disclosure/audit-sight.js'
import { lookText } from '../../src/disclosure/audit-sight.js'
import { undeclaredOf } from '../ground/physical-browser.js'
import type { Same } from './script.js'

/**
 * Runs a script in a page of its own, https://www.brand.test/, with empty storage. Rejects with what the script
 * throws, with what it leaves unhandled, and where it leaves a name that nothing declares.
 */
export async function runInPage(script: string, same: Same): Promise<void> {
  const { window, problems } = openPage()
  const stopListening = collectRejections(problems)
  try {
    window.eval(script)
    await (window.eval('example.default') as (same: Same) => Promise<void>)(same)
    // Node tells of an unhandled rejection after the tick in which it happened.
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    const { kept } = (await window.eval(lookText(1000))) as Sight
    const [left] = undeclaredOf(kept)
    if (left) throw new Error(`nothing declares ${left}`)
  } finally {
    stopListening()
    window.close()
  }
  if (problems.length > 0) throw problems[0]
}

function openPage(): { window: JSDOM['window']; problems: unknown[] } {
  const problems: unknown[] = []
  const virtualConsole = new VirtualConsole()
  virtualConsole.on('jsdomError', (error) => problems.push(error))
  const { window } = new JSDOM('<!doctype html><title>brand</title>', { url: 'https://www.brand.test/', runScripts: 'outside-only', pretendToBeVisual: true, virtualConsole })
  // jsdom has no IndexedDB, and leaves these to Node.
  const { default: _shared, IDBFactory, indexedDB: _database, ...classes } = fake
  const lent = { ...classes, IDBFactory, indexedDB: new IDBFactory(), structuredClone, TextEncoder, TextDecoder, Request, Response, Headers, crypto: webcrypto }
  for (const [name, value] of Object.entries(lent)) Object.defineProperty(window, name, { value, configurable: true, writable: true })
  return { window, problems }
}

/** The test runner's own listeners step aside meanwhile: a rejection belongs to its example. */
function collectRejections(problems: unknown[]): () => void {
  const others = process.listeners('unhandledRejection')
  const listener = (reason: unknown): void => void problems.push(reason ?? new Error('rejected with nothing, and not handled'))
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', listener)
  return () => {
    process.off('unhandledRejection', listener)
    for (const other of others) process.on('unhandledRejection', other)
  }
}
