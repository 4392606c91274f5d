// Browsers of the crash bench: started on one profile again and again, and killed.
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** Silence only: nothing here touches what is stored, or when. */
const firefoxPreferences = {
  'app.normandy.enabled': false,
  'app.update.enabled': false,
  'browser.aboutwelcome.enabled': false,
  'browser.safebrowsing.downloads.remote.enabled': false,
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.startup.page': 0,
  'datareporting.policy.dataSubmissionEnabled': false,
  'extensions.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,#remote-settings-dummy/v1',
  'toolkit.startup.max_resumed_crashes': -1,
  'toolkit.telemetry.server': 'data:,',
  // Nothing leaves the machine: whatever is not the bench's own page meets a port where nobody is.
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'network.proxy.no_proxies_on': 'localhost',
}

const chromiumArguments = [
  '--headless',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-component-update',
  '--disable-extensions',
  '--disable-sync',
  '--password-store=basic',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
]

const programs = {
  chromium: { program: 'chromium', arguments: (profile, url) => [...chromiumArguments, `--user-data-dir=${profile}`, url] },
  firefox: { program: 'firefox-esr', arguments: (profile, url) => ['--headless', '--no-remote', '--profile', profile, url] },
}

/** The state, the parent and the process group of every process. */
function processes() {
  return readdirSync('/proc').flatMap((directory) => {
    if (!/^\d+$/.test(directory)) return []
    try {
      const stat = readFileSync(`/proc/${directory}/stat`, 'utf8')
      // The name is in brackets and may hold spaces and brackets itself.
      const [state, parent, group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return [{ pid: Number(directory), state, parent: Number(parent), group: Number(group) }]
    } catch {
      return [] // it ended while the list was read
    }
  })
}

/** Every process that this one has started, by the group or by descent. */
function below(pid) {
  const all = processes()
  const found = new Set([pid])
  for (let size = 0; size !== found.size; ) {
    size = found.size
    for (const one of all) if (one.group === pid || found.has(one.parent)) found.add(one.pid)
  }
  return all.filter((one) => found.has(one.pid) && !'ZX'.includes(one.state)).map((one) => one.pid)
}

const signal = (pid) => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}

const running = new Set()
const profiles = new Set()
process.once('exit', () => {
  for (const pid of running) below(pid).forEach(signal)
  for (const profile of profiles) rmSync(profile, { recursive: true, force: true, maxRetries: 10 })
})
for (const [name, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) process.once(name, () => process.exit(code))

/** A profile that outlives its browser. */
export function profileOf(engine) {
  const { program, arguments: parameters } = programs[engine]
  const profile = mkdtempSync(join(tmpdir(), `holdfast-crash-${engine}-`))
  profiles.add(profile)
  const home = mkdtempSync(join(tmpdir(), 'holdfast-crash-home-'))
  profiles.add(home)
  if (engine === 'firefox') {
    writeFileSync(join(profile, 'user.js'), Object.entries(firefoxPreferences).map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`).join(''))
  }
  const start = (url) => {
    // A group of its own, so that one signal ends all of it in one moment.
    const child = spawn(program, parameters(profile, url), { detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: home, MOZ_CRASHREPORTER_DISABLE: '1' } })
    let log = ''
    child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)))
    child.on('error', (error) => (log += error.message))
    const { pid } = child
    if (pid === undefined) throw new Error(`${program} did not start: is it installed?`)
    running.add(pid)
    return {
      log: () => log,
      async kill() {
        signal(-pid)
        for (const end = Date.now() + 10_000; ; await pause(10)) {
          const left = below(pid)
          left.forEach(signal)
          if (!left.length) break
          if (Date.now() > end) throw new Error(`${program}: processes ${left.join(', ')} do not end`)
        }
        running.delete(pid)
      },
    }
  }
  return {
    start,
    /** What the browser left, beside what it can make again. */
    copy(to) {
      rmSync(to, { recursive: true, force: true })
      cpSync(profile, to, { recursive: true, filter: (path) => !/cache|\/(Singleton|lock|\.parentlock)/i.test(path) })
    },
    remove() {
      for (const path of [profile, home]) {
        rmSync(path, { recursive: true, force: true, maxRetries: 10 })
        profiles.delete(path)
      }
    },
  }
}
