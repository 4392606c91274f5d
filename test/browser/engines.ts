import type { Browser, Engine, LaunchOptions } from './browser.js'
import { chromium, firefox } from './puppeteer.js'
import { webkit } from './webkit.js'

const starters = { chromium, firefox, webkit }
const attempts = 3

/** Starts a browser with a new profile. A start that fails or hangs is tried again: on a busy machine all three do. */
export async function launch(engine: Engine, options: LaunchOptions = {}): Promise<Browser> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await starters[engine](options)
    } catch (error) {
      if (attempt === attempts || (error as { code?: string }).code === 'NOT_INSTALLED') throw error
      console.warn(`${engine} did not start, attempt ${attempt} of ${attempts}: ${(error as Error).message}`)
    }
  }
}
