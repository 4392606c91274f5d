import type { Pages } from './sites.js'

/** A server that issues session tokens at `/token`, each another one, and is as slow as the test wants. */
export interface TokenServer {
  pages: Pages
  /** How many tokens were asked for. */
  readonly asked: number
  /** From now on requests wait. */
  hold(): void
  /** Answers those that wait; `status` other than 200 is no token. */
  release(status?: number): void
  /** How many wait now: who is gone waits no more. */
  readonly waiting: number
  reset(): void
}

export function createTokenServer(others: Pages): TokenServer {
  let asked = 0
  let held = false
  const waiting = new Set<(status: number) => void>()
  const pages: Pages = async (url, request, response) => {
    if (url.pathname !== '/token') return others(url, request, response)
    const body = `token-${++asked}`
    const status = held ? await new Promise<number>((resolve) => {
      waiting.add(resolve)
      response.on('close', () => waiting.delete(resolve))
    }) : 200
    return { status, body, headers: { 'content-type': 'text/plain', 'cache-control': 'no-store' } }
  }
  return {
    pages,
    get asked() {
      return asked
    },
    get waiting() {
      return waiting.size
    },
    hold: () => void (held = true),
    release(status = 200) {
      held = false
      waiting.forEach((answer) => answer(status))
      waiting.clear()
    },
    reset() {
      asked = 0
      held = false
      waiting.clear()
    },
  }
}
