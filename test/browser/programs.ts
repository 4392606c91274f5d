import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const packages: { package: string; program: string }[] = JSON.parse(
  readFileSync(new URL('../../scripts/browser-packages.json', import.meta.url), 'utf8'),
)

function find(program: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((directory) => join(directory, program))
  return places.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

/** Where a program is. One that is missing is an error that says how to get it, never a reason to skip. */
export function program(name: string): string {
  const path = find(name)
  if (path !== undefined) return path
  const missing = packages.filter((one) => find(one.program) === undefined).map((one) => one.package)
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ') || name}`
  throw Object.assign(new Error(`${name} is not installed. Run: ${command}`), { code: 'NOT_INSTALLED' })
}
