import { setTimeout as pause } from 'node:timers/promises'
import { endTree, type Program, start } from './processes.js'
import { program } from './programs.js'

let shared: Promise<{ server: Program; name: string }> | undefined

/** The name of a virtual screen, started once for all browsers of this process that cannot run headless. */
export async function display(): Promise<string> {
  shared ??= open()
  return (await shared).name
}

export async function closeDisplay(): Promise<void> {
  const opened = await shared
  shared = undefined
  if (opened) await endTree(opened.server.pid)
}

async function open(): Promise<{ server: Program; name: string }> {
  const parameters = ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp', '-noreset']
  const server = start(program('Xvfb'), parameters, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  server.child.unref()
  const name = await Promise.race([
    firstLine(server),
    pause(15_000, undefined, { ref: false }).then(() => {
      throw new Error(`Xvfb named no display in 15 s\n${server.log()}`)
    }),
  ])
  return { server, name: `:${name}` }
}

/** The number and its newline are two writes, and the pipe must stay open for both. */
function firstLine(server: Program): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    server.child.stdio[3]?.on('data', (chunk) => {
      text += String(chunk)
      if (text.includes('\n')) resolve(text.trim())
    })
    server.child.once('exit', (code) => reject(new Error(`Xvfb ended with ${code}\n${server.log()}`)))
  })
}
