#!/usr/bin/env node
// Installs what the browser tests drive, where that is one command: on Debian, as root.
import { spawnSync } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { argv, env, exit, getuid } from 'node:process'
import { fileURLToPath } from 'node:url'

const packages = JSON.parse(readFileSync(new URL('./browser-packages.json', import.meta.url), 'utf8'))

function isThere(program) {
  return (env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const missing = () => packages.filter(({ program }) => !isThere(program)).map((one) => one.package)

function run(parameters) {
  console.log(`apt-get ${parameters.join(' ')}`)
  const { status } = spawnSync('apt-get', parameters, { stdio: 'inherit', env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } })
  return status === 0
}

/** Whether everything is there in the end. What is missing is told together with the one command that installs it. */
export function installBrowsers() {
  const wanted = missing()
  if (wanted.length === 0) return true
  const install = ['install', '-y', '--no-install-recommends', ...wanted]
  if (isThere('apt-get') && getuid?.() === 0 && run(['update']) && run(install) && missing().length === 0) return true
  console.error(`Not installed: ${missing().join(' ')}\nOn Debian, this installs it:\n\n  sudo apt-get ${install.join(' ')}\n`)
  return false
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  if (!installBrowsers()) exit(1)
  console.log('Chromium, Firefox ESR, WebKitGTK and what drives them are installed.')
}
