import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import puppeteer, { type Browser as Driver, type Frame, type LaunchOptions as DriverOptions, type Page } from 'puppeteer-core'
import type { Browser, Engine, Evaluate, LaunchOptions, Setting, Tab } from './browser.js'
import { expression, outcome } from './evaluation.js'
import { descendants, endTree, own, scratchDirectory, until, within } from './processes.js'
import { program } from './programs.js'

const startLimit = 45_000
const answerLimit = 30_000

const chromiumSettings: Record<Setting, { preferences?: Record<string, unknown>; parameters?: readonly string[] }> = {
  'all cookies blocked': { preferences: { profile: { default_content_setting_values: { cookies: 2 } } } },
  'localStorage switched off': { parameters: ['--disable-local-storage'] },
}

const firefoxSettings: Record<Setting, Record<string, unknown>> = {
  'all cookies blocked': { 'network.cookie.cookieBehavior': 2 },
  'localStorage switched off': { 'dom.storage.enabled': false },
}

export function chromium(options: LaunchOptions): Promise<Browser> {
  const executablePath = program('chromium')
  const profile = scratchDirectory('chromium')
  const { preferences, parameters } = options.setting ? chromiumSettings[options.setting] : {}
  mkdirSync(join(profile.path, 'Default'))
  writeFileSync(join(profile.path, 'Default', 'Preferences'), JSON.stringify({ ...preferences, ...options.preferences }))
  return open('chromium', profile, {
    executablePath,
    userDataDir: profile.path,
    // What a page meets in the visitor's browser: pages do go to the back/forward cache.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: [
      // Chromium refuses to start its sandbox as root, which is what a container is.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-component-update',
      '--ignore-certificate-errors',
      // Loopback addresses go past a proxy unless they are named.
      ...(options.proxy ? [`--proxy-server=http://${options.proxy}`, '--proxy-bypass-list=<-loopback>'] : []),
      ...(parameters ?? []),
      ...(options.parameters ?? []),
    ],
  })
}

export function firefox(options: LaunchOptions): Promise<Browser> {
  const executablePath = program('firefox-esr')
  const profile = scratchDirectory('firefox')
  const [host, port] = options.proxy?.split(':') ?? []
  const proxied = { host, port: Number(port) }
  return open('firefox', profile, {
    browser: 'firefox',
    executablePath,
    userDataDir: profile.path,
    args: [...(options.parameters ?? [])],
    extraPrefsFirefox: {
      ...(options.proxy && {
        'network.proxy.type': 1,
        'network.proxy.http': proxied.host,
        'network.proxy.http_port': proxied.port,
        'network.proxy.ssl': proxied.host,
        'network.proxy.ssl_port': proxied.port,
        'network.proxy.allow_hijacking_localhost': true,
      }),
      ...(options.setting && firefoxSettings[options.setting]),
      ...options.preferences,
    },
  })
}

async function open(engine: Engine, profile: { remove(): void }, options: DriverOptions): Promise<Browser> {
  try {
    // The driver ends its own browser when the start takes longer than `timeout`.
    const driver = await puppeteer.launch({ ...options, headless: true, acceptInsecureCerts: true, timeout: startLimit })
    const pid = driver.process()?.pid
    if (pid === undefined) throw new Error(`${engine} started without a process`)
    own(pid)
    const pids = () => [pid, ...descendants(pid)]
    const close = async () => {
      const all = pids()
      // A browser that does not close when asked is ended: what matters is that nothing is left.
      await within(driver.close(), 8000, `${engine} to close`).catch(() => undefined)
      await endTree(pid, all)
      profile.remove()
    }
    try {
      const [page] = await driver.pages()
      const tab = tabOf(engine, page ?? (await driver.newPage()))
      return { engine, version: await driver.version(), tab, newTab: () => newTab(engine, driver), pids, close }
    } catch (error) {
      await close()
      throw error
    }
  } catch (error) {
    profile.remove()
    throw error
  }
}

async function newTab(engine: Engine, driver: Driver): Promise<Tab> {
  return tabOf(engine, await within(driver.newPage(), answerLimit, `a new tab of ${engine}`))
}

function evaluateIn(engine: Engine, frame: () => Promise<Page | Frame>): Evaluate {
  return async (run, ...given) => {
    const answer = (async () => (await frame()).evaluate(expression(run, given)))()
    return outcome(await within(answer, answerLimit, `an answer from the page in ${engine}`))
  }
}

function tabOf(engine: Engine, page: Page): Tab {
  const frame = async (selector: string): Promise<Frame> => {
    // To look is quick; to wait brings the driver's own scripts into the page first, a fifth of a second in Firefox.
    const element = (await page.$(selector)) ?? (await page.waitForSelector(selector, { timeout: answerLimit }))
    const found = await element?.contentFrame()
    if (!found) throw new Error(`${selector} is no frame`)
    return found
  }
  return {
    goto: async (url) => void (await page.goto(url, { timeout: answerLimit })),
    reload: async () => void (await page.reload({ timeout: answerLimit })),
    back: async () => {
      const address = () => page.evaluate('location.href').catch(() => undefined)
      const from = await address()
      // Not `goBack`: it waits for a load, which Firefox does not report of a page out of its cache.
      await page.evaluate('void setTimeout(() => history.back())')
      await until(async () => ![from, undefined].includes(await address()), answerLimit, `${engine} to go back`)
    },
    evaluate: evaluateIn(engine, async () => page),
    inFrame: (selector) => ({ evaluate: evaluateIn(engine, () => frame(selector)) }),
    focus: () => page.bringToFront(),
    screenshot: async (path) => writeFileSync(path, await page.screenshot()),
    close: () => page.close(),
  }
}
