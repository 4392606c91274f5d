import type { Tab } from './browser.js'
import { until } from './processes.js'

type Started = { go(): void; results: ({ value?: unknown; thrown?: string } | undefined)[]; left: number }

/**
 * Runs `work` in each of these tabs of one origin, begun in all of them by one message, and answers what each answered.
 * They tell the first tab when they are done, so nothing else is asked of them meanwhile.
 */
export async function together<Given extends readonly unknown[], T>(tabs: readonly Tab[], work: (...given: Given) => Promise<T>, ...given: Given): Promise<T[]> {
  for (const [index, tab] of tabs.entries()) {
    await tab.evaluate(
      (source, own, count, rest) => {
        const run = (0, eval)(`(${source})`) as (...given: readonly unknown[]) => Promise<unknown>
        const channel = new BroadcastChannel('together')
        const results: Started['results'] = Array<undefined>(count).fill(undefined)
        const state: Started = { results, left: count, go: () => channel.postMessage('go') }
        const settle = (at: number, result: { value?: unknown; thrown?: string }) => {
          results[at] = result
          if (--state.left === 0) channel.close()
        }
        const begin = async () => {
          const result = await run(...rest).then((value) => ({ value }), (error: unknown) => ({ thrown: String(error) }))
          if (own === 0) return settle(0, result)
          channel.postMessage([own, result])
          channel.close()
        }
        channel.onmessage = ({ data }: MessageEvent<'go' | [number, { value?: unknown; thrown?: string }]>) => {
          if (data === 'go') void begin()
          else if (own === 0) settle(...data)
        }
        Object.assign(globalThis, {
          together: Object.assign(state, {
            go: () => {
              channel.postMessage('go')
              void begin()
            },
          }),
        })
      },
      `${work}`,
      index,
      tabs.length,
      given,
    )
  }
  const [first] = tabs as [Tab]
  await first.evaluate(() => (globalThis as unknown as { together: Started }).together.go())
  const state = () => first.evaluate(() => (globalThis as unknown as { together: Started }).together)
  const { results } = await until(async () => (await state().then((now) => (now.left === 0 ? now : undefined))), 100_000, 'all tabs to be done')
  return results.map((result) => {
    if (result?.thrown) throw new Error(`in a tab: ${result.thrown}`)
    return result?.value as T
  })
}
