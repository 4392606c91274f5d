import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { Builder, By, type WebDriver } from 'selenium-webdriver'
import { display } from './display.js'
import type { Browser, LaunchOptions, Setting, Tab } from './browser.js'
import { expression, outcome } from './evaluation.js'
import { descendants, endTree, freePort, type Program, scratchDirectory, start, until, within } from './processes.js'
import { program } from './programs.js'

const startLimit = 15_000
const answerLimit = 30_000

const settings: Record<Setting, string> = {
  'all cookies blocked': '--cookies-policy=never',
  'localStorage switched off': '--enable-html5-local-storage=FALSE',
}

export async function webkit(options: LaunchOptions): Promise<Browser> {
  const command = program('WebKitWebDriver')
  const home = scratchDirectory('webkit')
  let server: Program | undefined
  const stop = async (alsoBelow: readonly number[] = []) => {
    if (server) await endTree(server.pid, alsoBelow)
    home.remove()
  }
  try {
    const port = await freePort()
    server = start(command, ['--host=127.0.0.1', `--port=${port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: home.path,
        DISPLAY: await display(),
        GDK_BACKEND: 'x11',
        NO_AT_BRIDGE: '1',
        LIBGL_ALWAYS_SOFTWARE: '1',
      },
    })
    const driver = await connect(server, `http://127.0.0.1:${port}`, options)
    const version = (await driver.getCapabilities()).getBrowserVersion() ?? 'unknown'
    const windows = new Windows(driver)
    const tab = windows.tab(await driver.getWindowHandle())
    const { pid } = server
    return {
      engine: 'webkit',
      version,
      tab,
      newTab: () => windows.open(),
      pids: () => descendants(pid),
      close: async () => {
        // Once the browser is gone, nothing says any more that its helpers were ours.
        const below = descendants(pid)
        await within(driver.quit(), 8000, 'WebKitGTK to close').catch(() => undefined)
        await stop(below)
      },
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function connect(server: Program, address: string, options: LaunchOptions): Promise<WebDriver> {
  const answers = () => fetch(`${address}/status`, { signal: AbortSignal.timeout(2000) }).then((response) => response.ok, () => false)
  await until(answers, startLimit, `WebKitWebDriver to answer\n${server.log()}`)
  // The protocol's own `proxy` breaks https in WebKitGTK; the browser's option does not.
  const proxy = options.proxy ? [`--proxy=http://${options.proxy}`, '--ignore-tls-errors'] : []
  const setting = options.setting ? [settings[options.setting]] : []
  const session = new Builder()
    .usingServer(address)
    .withCapabilities({
      browserName: 'MiniBrowser',
      acceptInsecureCerts: true,
      timeouts: { script: answerLimit, pageLoad: answerLimit },
      'webkitgtk:browserOptions': { binary: miniBrowser(), args: ['--automation', ...proxy, ...setting, ...(options.parameters ?? [])] },
    })
    .build()
  // Now and then the driver never answers: the caller starts a new one then.
  return within(Promise.resolve(session), startLimit, `WebKitGTK to open a session\n${server.log()}`)
}

/** The browser stands beside the engine's library, under a directory that is named after machine and version. */
function miniBrowser(): string {
  const machines = readdirSync('/usr/lib', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const places = machines.flatMap(({ name }) => ['4.1', '6.0', '4.0'].map((version) => `/usr/lib/${name}/webkit2gtk-${version}/MiniBrowser`))
  const found = places.find((place) => existsSync(place))
  if (!found) throw new Error('WebKitWebDriver is there, but MiniBrowser is not: reinstall webkit2gtk-driver')
  return found
}

/** The protocol talks to one window at a time; this makes of it tabs that can be used in any order. */
class Windows {
  private turn: Promise<unknown> = Promise.resolve()

  constructor(private readonly driver: WebDriver) {}

  async open(): Promise<Tab> {
    const handle = await this.inTurn(async () => {
      await this.driver.switchTo().newWindow('tab')
      return this.driver.getWindowHandle()
    })
    return this.tab(handle)
  }

  tab(handle: string): Tab {
    const { driver } = this
    const here = <T>(act: () => Promise<T>) =>
      this.inTurn(async () => {
        await driver.switchTo().window(handle)
        return act()
      })
    return {
      goto: (url) => here(() => driver.get(url)),
      reload: () => here(() => driver.navigate().refresh()),
      back: () => here(() => driver.navigate().back()),
      evaluate: (run, ...given) => here(() => evaluate(driver, run, given)),
      inFrame: (selector) => ({ evaluate: (run, ...given) => here(() => this.inFrame(selector, () => evaluate(driver, run, given))) }),
      focus: () => here(async () => undefined),
      screenshot: (path) => here(async () => writeFileSync(path, await driver.takeScreenshot(), 'base64')),
      close: () => here(() => driver.close()),
    }
  }

  private async inFrame<T>(selector: string, act: () => Promise<T>): Promise<T> {
    const frame = await until(async () => (await this.driver.findElements(By.css(selector)))[0], answerLimit, `the frame ${selector}`)
    await this.driver.switchTo().frame(frame)
    try {
      return await act()
    } finally {
      await this.driver.switchTo().defaultContent()
    }
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(() => within(act(), 2 * answerLimit, 'WebKitWebDriver'))
    this.turn = mine.catch(() => undefined)
    return mine
  }
}

type Run<Given extends readonly unknown[], T> = (...given: Given) => T | Promise<T>

async function evaluate<Given extends readonly unknown[], T>(driver: WebDriver, run: Run<Given, T>, given: Given): Promise<T> {
  return outcome<T>(await driver.executeAsyncScript(`${expression(run, given)}.then(arguments[arguments.length - 1])`))
}

