import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import vm from 'node:vm'

/** A bare realm, with the language and nothing else, that notes each global that is looked up or made. */
export interface Recorder {
  /** Runs a plain script. */
  script(text: string): void
  /** What a global that was made holds. */
  value(name: string): unknown
  /** Loads a CommonJS file and all that it requires, each within the realm; answers its exports. */
  load(path: string): Record<string, unknown>
  /** Looked up, and not there: not part of the language. */
  read(): string[]
  made(): string[]
}

export function recorder(): Recorder {
  const read = new Set<string>()
  const realm = vm.createContext()
  // What the global object does not have itself is asked of its prototype, which notes the name.
  const watchPrototype = vm.runInContext('(has) => Object.setPrototypeOf(globalThis, new Proxy(Object.prototype, { has: (_, name) => has(name), get: (_, name) => void has(name) }))', realm) as (has: (name: string | symbol) => boolean) => void
  watchPrototype((name) => (read.add(String(name)), false))
  const names = (): string[] => vm.runInContext('Object.getOwnPropertyNames(globalThis)', realm) as string[]
  const language = new Set(names())
  const loaded = new Map<string, { exports: Record<string, unknown> }>()
  const load = (path: string): Record<string, unknown> => {
    const known = loaded.get(path)
    if (known) return known.exports
    const module = { exports: {} }
    loaded.set(path, module)
    const { resolve } = createRequire(path)
    vm.compileFunction(readFileSync(path, 'utf8'), ['module', 'exports', 'require'], { parsingContext: realm, filename: path })(module, module.exports, (id: string) => load(resolve(id)))
    return module.exports
  }
  return {
    script: (text) => void vm.runInContext(text, realm),
    value: (name) => vm.runInContext(name, realm) as unknown,
    load,
    read: () => [...read],
    made: () => names().filter((name) => !language.has(name)),
  }
}
