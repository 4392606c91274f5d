import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A program that was started here, with what it printed: the only clue when it dies. */
export interface Program {
  pid: number
  child: ChildProcess
  log(): string
}

const started = new Set<number>()
const directories = new Set<string>()

/** Every process below this one; a browser is a dozen of them. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const directory of readdirSync('/proc')) {
    if (!/^\d+$/.test(directory)) continue
    try {
      const status = readFileSync(`/proc/${directory}/stat`, 'utf8')
      // The name is in brackets and may hold spaces and brackets itself: the parent's id is counted from the last one.
      const parent = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[1])
      children.set(parent, [...(children.get(parent) ?? []), Number(directory)])
    } catch {
      // It ended while the list was read.
    }
  }
  const below = (parent: number): number[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)])
  return below(pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

/** A zombie counts as gone: only its parent can take it off the list. */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Ends a process and all below it, by their ids, and waits until they are gone. */
export async function endTree(pid: number, alsoBelow: readonly number[] = []): Promise<void> {
  const all = [...new Set([...alsoBelow, ...descendants(pid), pid])]
  all.forEach(kill)
  await until(() => all.every((one) => !isAlive(one)), 5000, `the end of process ${pid}`)
  started.delete(pid)
}

/** Puts a process under the care of the exit hook: a test run that crashes leaves no browser behind. */
export function own(pid: number): void {
  guard()
  started.add(pid)
}

/** A directory for one browser, which goes with it, or with the test run. */
export function scratchDirectory(name: string): { path: string; remove(): void } {
  guard()
  const path = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
  directories.add(path)
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 10 })
      directories.delete(path)
    },
  }
}

let guarded = false

function guard(): void {
  if (guarded) return
  guarded = true
  const endAll = () => {
    ;[...started].flatMap((pid) => [...descendants(pid), pid]).forEach(kill)
    for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 10 })
  }
  process.once('exit', endAll)
  process.once('disconnect', endAll)
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) {
    process.once(signal, () => {
      endAll()
      process.exit(code)
    })
  }
}

export function start(command: string, parameters: readonly string[], options: SpawnOptions): Program {
  const child = spawn(command, parameters, options)
  let log = ''
  const keep = (chunk: unknown) => (log = (log + String(chunk)).slice(-8000))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  child.on('error', keep)
  if (child.pid === undefined) throw new Error(`${command} did not start`)
  own(child.pid)
  return { pid: child.pid, child, log: () => log }
}

/** A bounded poll, for what sends no event. */
export async function until<T>(ask: () => T | Promise<T>, limit: number, what: string): Promise<NonNullable<T>> {
  const end = Date.now() + limit
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > end) throw new Error(`waited ${limit} ms for ${what}`)
    await pause(20)
  }
}

/** Rejects when `promise` takes longer than `limit`; the promise itself goes on. */
export async function within<T>(promise: Promise<T>, limit: number, what: string): Promise<T> {
  // Made here, not in the timer: its stack says who waits.
  const error = new Error(`waited ${limit} ms for ${what}`)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(error), limit)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
